import type { Cluster } from '@matriarch/api';

type InitDB = NonNullable<NonNullable<Cluster['spec']['bootstrap']>['initdb']>;

/** Flags of initdb, in their fixed order; the deprecated `options` replace all of them. */
export function initdbFlags(cluster: Cluster): string[] {
  const initdb: InitDB = cluster.spec.bootstrap?.initdb ?? {};
  if (initdb.options && initdb.options.length > 0) return initdb.options;
  const { logLevel } = cluster.spec;
  const { walSegmentSize } = initdb;
  const powerOfTwo =
    walSegmentSize !== undefined && walSegmentSize > 0 && (walSegmentSize & (walSegmentSize - 1)) === 0;
  const valued: [string, string | undefined][] = [
    ['encoding', initdb.encoding],
    ['lc-collate', initdb.localeCollate],
    ['lc-ctype', initdb.localeCType],
    ['locale', initdb.locale],
    ['locale-provider', initdb.localeProvider],
    ['icu-locale', initdb.icuLocale],
    ['icu-rules', initdb.icuRules],
    ['builtin-locale', initdb.builtinLocale],
    ['wal-segsize', powerOfTwo ? String(walSegmentSize) : undefined],
  ];
  return [
    ...(initdb.dataChecksums ? ['-k'] : []),
    ...(logLevel === 'debug' || logLevel === 'trace' ? ['-d'] : []),
    ...valued.filter(([, value]) => value).map(([name, value]) => `--${name}=${value}`),
  ];
}

/** Arguments of `instance init` apart from the folders. */
export function initArguments(cluster: Cluster, app: { database: string; owner: string } | undefined): string[] {
  const initdb: InitDB = cluster.spec.bootstrap?.initdb ?? {};
  const joined = (flag: string, values: readonly string[] | undefined) =>
    values && values.length > 0 ? [flag, shellJoin(values)] : [];
  return [
    ...joined('--initdb-flags', initdbFlags(cluster)),
    ...joined('--post-init-sql', initdb.postInitSQL),
    ...joined('--post-init-application-sql', initdb.postInitApplicationSQL),
    ...joined('--post-init-template-sql', initdb.postInitTemplateSQL),
    ...(app ? ['--app-db-name', app.database, '--app-user', app.owner] : []),
  ];
}

/** The words as one argument that a POSIX shell would split into the same words. */
export function shellJoin(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`)).join(' ');
}
