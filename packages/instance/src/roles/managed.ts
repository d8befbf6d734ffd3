import { isDeepStrictEqual } from 'node:util';
import { annotations, type Cluster, type ClusterStatus, type ManagedRole } from '@matriarch/api';
import { patchStatus } from '../clusterStatus.ts';
import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';
import type { SecretContent } from '../secrets.ts';
import { isReservedRole } from './attributes.ts';
import { type ExistingRole, type PasswordWish, planRole } from './decide.ts';
import { readRoles } from './read.ts';
import { storedPassword } from './scram.ts';

type RolesStatus = NonNullable<ClusterStatus['managedRolesStatus']>;

export type PasswordStatus = Readonly<
  Record<string, { readonly transactionID?: number; readonly resourceVersion?: string }>
>;

/** Brings the roles of `spec.managed.roles` to what they should be; resolves to false when one could not be. */
export async function applyManagedRoles(instance: Instance, cluster: Cluster): Promise<boolean> {
  const specs = cluster.spec.managed?.roles ?? [];
  const old = cluster.status?.managedRolesStatus;
  if (specs.length === 0 && old === undefined) return true;
  const existing = await readRoles(instance.database);
  const errors: Record<string, string[]> = {};
  const passwords: Record<string, { transactionID?: number; resourceVersion?: string }> = { ...old?.passwordStatus };
  for (const spec of specs) {
    if (isReservedRole(spec.name)) continue;
    try {
      await applyRole(instance, cluster, spec, existing.get(spec.name), passwords);
    } catch (error) {
      errors[spec.name] = [errorText(error)];
    }
  }
  const after = await readRoles(instance.database);
  for (const [name, entry] of Object.entries(passwords)) {
    const transaction = after.get(name)?.transaction;
    if (transaction === undefined || !specs.some((spec) => spec.name === name)) delete passwords[name];
    else entry.transactionID = transaction;
  }
  const status = rolesStatus(specs, [...after.keys()], errors, passwords);
  if (!isDeepStrictEqual(status, old)) await patchStatus(instance, { managedRolesStatus: nullMissing(status, old) });
  return Object.keys(errors).length === 0;
}

async function applyRole(
  instance: Instance,
  cluster: Cluster,
  spec: ManagedRole,
  existing: ExistingRole | undefined,
  passwords: Record<string, { transactionID?: number; resourceVersion?: string }>,
): Promise<void> {
  const { wish, version } = await passwordWish(instance, cluster, spec, existing, passwords[spec.name]);
  const statements = planRole(spec, existing, wish);
  if (statements.length > 0) {
    await instance.database.withConnection('postgres', async (connection) => {
      for (const statement of ['BEGIN', ...statements, 'COMMIT']) await connection.query(statement);
    });
    instance.logger.info({ role: spec.name, statements: statements.length }, 'A managed role was brought up to date');
  }
  if (version !== undefined) passwords[spec.name] = { resourceVersion: version };
}

/** The password is applied again when its Secret, or the role behind our back, has changed. */
async function passwordWish(
  instance: Instance,
  cluster: Cluster,
  spec: ManagedRole,
  existing: ExistingRole | undefined,
  applied: { readonly transactionID?: number; readonly resourceVersion?: string } | undefined,
): Promise<{ wish: PasswordWish; version: string | undefined }> {
  if (spec.ensure === 'absent') return { wish: { kind: 'keep' }, version: undefined };
  if (spec.disablePassword === true) return { wish: { kind: 'none' }, version: undefined };
  const name = spec.passwordSecret?.name;
  if (name === undefined || name === '') return { wish: { kind: 'keep' }, version: undefined };
  const known = cluster.status?.secretsResourceVersion?.managedRoleSecretVersion?.[name];
  const secret = await instance.secrets.read(name, known);
  if (secret === undefined) throw new Error(`the Secret "${name}" with the password does not exist`);
  const unchanged =
    existing !== undefined &&
    applied?.resourceVersion === secret.resourceVersion &&
    applied.transactionID === existing.transaction;
  if (unchanged) return { wish: { kind: 'keep' }, version: undefined };
  const passthrough = cluster.metadata.annotations?.[annotations.passwordPassthrough] === 'enabled';
  const password = passwordOf(secret, name, spec.name);
  const stored = passthrough ? password : await storedPassword(password);
  return { wish: { kind: 'set', stored }, version: secret.resourceVersion };
}

/** The password of a basic-auth Secret that is for this role. */
export function passwordOf(secret: SecretContent, secretName: string, role: string): string {
  const username = secret.data.username?.toString('utf8');
  const password = secret.data.password?.toString('utf8');
  if (username !== role)
    throw new Error(`the Secret "${secretName}" is for the role "${username ?? ''}" and not for "${role}"`);
  if (password === undefined) throw new Error(`the Secret "${secretName}" has no key "password"`);
  return password;
}

function rolesStatus(
  specs: readonly ManagedRole[],
  existing: readonly string[],
  errors: Record<string, string[]>,
  passwords: PasswordStatus,
): RolesStatus {
  const managed = specs.map((spec) => spec.name);
  const buckets: Record<string, string[]> = {
    reconciled: managed.filter((name) => !isReservedRole(name) && errors[name] === undefined),
    'pending-reconciliation': managed.filter((name) => errors[name] !== undefined),
    reserved: [...new Set([...existing, ...managed])].filter(isReservedRole),
    'not-managed': existing.filter((name) => !isReservedRole(name) && !managed.includes(name)),
  };
  const byStatus = Object.fromEntries(
    Object.entries(buckets)
      .filter(([, names]) => names.length > 0)
      .map(([bucket, names]) => [bucket, names.sort()]),
  );
  return {
    byStatus,
    ...(Object.keys(errors).length === 0 ? {} : { cannotReconcile: errors }),
    ...(Object.keys(passwords).length === 0 ? {} : { passwordStatus: passwords }),
  };
}

/** A merge patch removes what is null; maps are compared key by key. */
function nullMissing(status: RolesStatus, old: RolesStatus | undefined): RolesStatus {
  const result: Record<string, unknown> = { ...status };
  for (const [field, before] of Object.entries(old ?? {})) {
    const now = result[field];
    if (now === undefined) result[field] = null;
    else result[field] = { ...Object.fromEntries(Object.keys(before).map((key) => [key, null])), ...(now as object) };
  }
  return result as RolesStatus;
}
