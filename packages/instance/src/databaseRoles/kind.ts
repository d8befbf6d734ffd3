import { annotations, type Cluster, type DatabaseRole, finalizers } from '@matriarch/api';
import { quoteIdentifier } from '@matriarch/postgres';
import type { Instance } from '../instance.ts';
import { databaseRoles } from '../kinds.ts';
import type { Applied, SqlObjectKind } from '../objects/kind.ts';
import { isReservedRole } from '../roles/attributes.ts';
import { type PasswordWish, planRole } from '../roles/decide.ts';
import { passwordOf } from '../roles/managed.ts';
import { readRoles } from '../roles/read.ts';
import { storedPassword } from '../roles/scram.ts';

/** The operator writes the version of the Secret into a condition when it changes; that wakes us. */
const passwordCondition = 'PasswordSecretChange';

async function apply(instance: Instance, cluster: Cluster, object: DatabaseRole): Promise<Applied> {
  const { spec } = object;
  if (isReservedRole(spec.name)) throw new Error(`the role name "${spec.name}" is reserved`);
  if (cluster.spec.managed?.roles?.some((role) => role.name === spec.name) === true) {
    throw new Error('database role is already managed by the CNPG cluster');
  }
  const { wish, version } = await passwordWish(instance, cluster, object);
  const existing = (await readRoles(instance.database)).get(spec.name);
  const statements = planRole({ ...spec, ensure: 'present' }, existing, wish);
  if (statements.length > 0) {
    await instance.database.withConnection('postgres', async (connection) => {
      for (const statement of ['BEGIN', ...statements, 'COMMIT']) await connection.query(statement);
    });
  }
  return { status: version === undefined ? {} : { secretResourceVersion: version } };
}

async function passwordWish(
  instance: Instance,
  cluster: Cluster,
  { spec, status }: DatabaseRole,
): Promise<{ wish: PasswordWish; version: string | undefined }> {
  if (spec.disablePassword === true) return { wish: { kind: 'none' }, version: undefined };
  const name = spec.passwordSecret?.name;
  if (name === undefined || name === '') return { wish: { kind: 'keep' }, version: undefined };
  const secret = await instance.secrets.read(name, undefined);
  if (secret === undefined) throw new Error(`the Secret "${name}" with the password does not exist`);
  if (secret.resourceVersion === status?.secretResourceVersion) return { wish: { kind: 'keep' }, version: undefined };
  const password = passwordOf(secret, name, spec.name);
  const passthrough = cluster.metadata.annotations?.[annotations.passwordPassthrough] === 'enabled';
  return {
    wish: { kind: 'set', stored: passthrough ? password : await storedPassword(password) },
    version: secret.resourceVersion,
  };
}

export const databaseRoleObjects: SqlObjectKind<DatabaseRole> = {
  type: databaseRoles,
  finalizer: finalizers.deleteRole,
  identity: ({ spec }) => spec.name,
  reclaim: ({ spec }) => (spec.databaseRoleReclaimPolicy === 'delete' ? 'delete' : 'retain'),
  async isStale(_, { status }) {
    const version = status?.conditions?.find((condition) => condition.type === passwordCondition)?.message;
    return version !== undefined && version !== '' && version !== status?.secretResourceVersion;
  },
  apply,
  drop: async ({ database }, { spec }) => {
    await database.query(`DROP ROLE IF EXISTS ${quoteIdentifier(spec.name)}`);
  },
};
