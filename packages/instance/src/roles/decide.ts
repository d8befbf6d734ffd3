import { quoteIdentifier, quoteLiteral } from '@matriarch/postgres';
import { attributeSql, attributesOf, type RoleAttributes, type RoleSpec } from './attributes.ts';

/** A role as the server has it. */
export interface ExistingRole extends RoleAttributes {
  readonly name: string;
  readonly comment: string;
  readonly inRoles: readonly string[];
  /** ISO text, `infinity`, or undefined where it was never set. */
  readonly validUntil: string | undefined;
  readonly hasPassword: boolean;
  /** Transaction that last changed the role. */
  readonly transaction: number;
}

/** What the password should be: left alone, removed, or this stored form. */
export type PasswordWish =
  | { readonly kind: 'keep' }
  | { readonly kind: 'none' }
  | { readonly kind: 'set'; readonly stored: string };

/** The statements that bring a role to its spec, in order; none when it is right. */
export function planRole(
  spec: RoleSpec,
  existing: ExistingRole | undefined,
  password: PasswordWish,
): readonly string[] {
  const name = quoteIdentifier(spec.name);
  if (spec.ensure === 'absent') return existing === undefined ? [] : [`DROP ROLE ${name}`];
  if (existing === undefined) return createStatements(spec, name, password);
  return [
    ...alterStatements(spec, existing, name, password),
    ...commentStatements(spec, existing, name),
    ...membership(spec, existing, name),
  ];
}

function createStatements(spec: RoleSpec, name: string, password: PasswordWish): readonly string[] {
  const roles = spec.inRoles ?? [];
  const parts = [
    `CREATE ROLE ${name} ${attributeSql(attributesOf(spec))}`,
    roles.length === 0 ? '' : `IN ROLE ${roles.map(quoteIdentifier).join(', ')}`,
    passwordSql(password),
    spec.validUntil === undefined ? '' : `VALID UNTIL ${quoteLiteral(spec.validUntil)}`,
  ];
  const create = parts.filter((part) => part !== '').join(' ');
  return spec.comment === undefined || spec.comment === '' ? [create] : [create, commentSql(name, spec.comment)];
}

function alterStatements(
  spec: RoleSpec,
  existing: ExistingRole,
  name: string,
  password: PasswordWish,
): readonly string[] {
  const wanted = attributesOf(spec);
  const same = (Object.keys(wanted) as (keyof RoleAttributes)[]).every((key) => wanted[key] === existing[key]);
  const parts = [
    same ? '' : attributeSql(wanted),
    password.kind === 'none' && !existing.hasPassword ? '' : passwordSql(password),
    validitySql(spec, existing),
  ].filter((part) => part !== '');
  return parts.length === 0 ? [] : [`ALTER ROLE ${name} ${parts.join(' ')}`];
}

/** Unset in the spec means for ever, but nothing is said where nothing ever was. */
function validitySql(spec: RoleSpec, existing: ExistingRole): string {
  if (spec.validUntil === undefined) {
    const endless = existing.validUntil === undefined || existing.validUntil === 'infinity';
    return endless ? '' : "VALID UNTIL 'infinity'";
  }
  const same = existing.validUntil !== undefined && Date.parse(existing.validUntil) === Date.parse(spec.validUntil);
  return same || existing.validUntil === spec.validUntil ? '' : `VALID UNTIL ${quoteLiteral(spec.validUntil)}`;
}

function passwordSql(password: PasswordWish): string {
  switch (password.kind) {
    case 'keep':
      return '';
    case 'none':
      return 'PASSWORD NULL';
    case 'set':
      return `PASSWORD ${quoteLiteral(password.stored)}`;
  }
}

function commentStatements(spec: RoleSpec, existing: ExistingRole, name: string): readonly string[] {
  const wanted = spec.comment ?? '';
  return wanted === existing.comment ? [] : [commentSql(name, wanted)];
}

function commentSql(name: string, comment: string): string {
  return `COMMENT ON ROLE ${name} IS ${comment === '' ? 'NULL' : quoteLiteral(comment)}`;
}

function membership(spec: RoleSpec, existing: ExistingRole, name: string): readonly string[] {
  const wanted = spec.inRoles ?? [];
  const grant = wanted.filter((role) => !existing.inRoles.includes(role));
  const revoke = existing.inRoles.filter((role) => !wanted.includes(role));
  return [
    ...grant.map((role) => `GRANT ${quoteIdentifier(role)} TO ${name}`),
    ...revoke.map((role) => `REVOKE ${quoteIdentifier(role)} FROM ${name}`),
  ];
}
