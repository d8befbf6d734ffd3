import type { DatabaseSpec } from '@matriarch/api';
import { quoteIdentifier, quoteLiteral } from '@matriarch/postgres';

/** CREATE DATABASE with the options that are given; the server decides the others. */
export function createDatabaseSql(spec: DatabaseSpec): string {
  const texts: readonly (readonly [string, string | undefined])[] = [
    ['ENCODING', spec.encoding],
    ['LOCALE', spec.locale],
    ['LOCALE_PROVIDER', spec.localeProvider],
    ['LC_COLLATE', spec.localeCollate],
    ['LC_CTYPE', spec.localeCType],
    ['ICU_LOCALE', spec.icuLocale],
    ['ICU_RULES', spec.icuRules],
    ['BUILTIN_LOCALE', spec.builtinLocale],
    ['COLLATION_VERSION', spec.collationVersion],
  ];
  const options = [
    `OWNER = ${quoteIdentifier(spec.owner)}`,
    ...(spec.template ? [`TEMPLATE = ${quoteIdentifier(spec.template)}`] : []),
    ...(spec.tablespace ? [`TABLESPACE = ${quoteIdentifier(spec.tablespace)}`] : []),
    ...changeableOptions(spec),
    ...texts.filter(([, value]) => value).map(([name, value]) => `${name} = ${quoteLiteral(value ?? '')}`),
  ];
  return `CREATE DATABASE ${quoteIdentifier(spec.name)} ${options.join(' ')}`;
}

/** What can change once the database exists, as statements. */
export function alterDatabaseSql(spec: DatabaseSpec, current: { owner: string; tablespace: string }): string[] {
  const name = quoteIdentifier(spec.name);
  const options = changeableOptions(spec);
  return [
    ...(options.length === 0 ? [] : [`ALTER DATABASE ${name} WITH ${options.join(' ')}`]),
    ...(spec.owner === current.owner ? [] : [`ALTER DATABASE ${name} OWNER TO ${quoteIdentifier(spec.owner)}`]),
    ...(!spec.tablespace || spec.tablespace === current.tablespace
      ? []
      : [`ALTER DATABASE ${name} SET TABLESPACE ${quoteIdentifier(spec.tablespace)}`]),
  ];
}

function changeableOptions(spec: DatabaseSpec): string[] {
  return [
    ...(spec.allowConnections === undefined ? [] : [`ALLOW_CONNECTIONS ${spec.allowConnections}`]),
    ...(spec.connectionLimit === undefined ? [] : [`CONNECTION LIMIT ${spec.connectionLimit}`]),
    ...(spec.isTemplate === undefined ? [] : [`IS_TEMPLATE ${spec.isTemplate}`]),
  ];
}
