/** The attributes of a role, in the words of the spec. */
export interface RoleAttributes {
  readonly superuser: boolean;
  readonly createdb: boolean;
  readonly createrole: boolean;
  readonly inherit: boolean;
  readonly login: boolean;
  readonly replication: boolean;
  readonly bypassrls: boolean;
  readonly connectionLimit: number;
}

/** What the spec of a managed role and a DatabaseRole have in common. */
export interface RoleSpec {
  readonly name: string;
  readonly ensure?: string | undefined;
  readonly comment?: string | undefined;
  readonly superuser?: boolean | undefined;
  readonly createdb?: boolean | undefined;
  readonly createrole?: boolean | undefined;
  readonly inherit?: boolean | undefined;
  readonly login?: boolean | undefined;
  readonly replication?: boolean | undefined;
  readonly bypassrls?: boolean | undefined;
  readonly connectionLimit?: number | undefined;
  readonly inRoles?: readonly string[] | undefined;
  readonly validUntil?: string | undefined;
  readonly passwordSecret?: { readonly name?: string | undefined } | undefined;
  readonly disablePassword?: boolean | undefined;
}

export function attributesOf(spec: RoleSpec): RoleAttributes {
  return {
    superuser: spec.superuser === true,
    createdb: spec.createdb === true,
    createrole: spec.createrole === true,
    inherit: spec.inherit !== false,
    login: spec.login === true,
    replication: spec.replication === true,
    bypassrls: spec.bypassrls === true,
    connectionLimit: spec.connectionLimit ?? -1,
  };
}

const words: readonly (readonly [keyof RoleAttributes, string])[] = [
  ['superuser', 'SUPERUSER'],
  ['createdb', 'CREATEDB'],
  ['createrole', 'CREATEROLE'],
  ['inherit', 'INHERIT'],
  ['login', 'LOGIN'],
  ['replication', 'REPLICATION'],
  ['bypassrls', 'BYPASSRLS'],
];

/** Every attribute by name, so that nothing depends on a default of the server. */
export function attributeSql(attributes: RoleAttributes): string {
  const list = words.map(([key, word]) => (attributes[key] === true ? word : `NO${word}`));
  return `${list.join(' ')} CONNECTION LIMIT ${attributes.connectionLimit}`;
}

/** Roles that belong to PostgreSQL or to us. */
export function isReservedRole(name: string): boolean {
  return name === 'postgres' || name === 'streaming_replica' || name.startsWith('cnpg_') || name.startsWith('pg_');
}
