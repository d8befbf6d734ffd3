import {
  annotations,
  applicationDatabase,
  applicationSecretName,
  type Cluster,
  isSuperuserAccessEnabled,
  superuserSecretName,
} from '@matriarch/api';
import { quoteIdentifier, quoteLiteral } from '@matriarch/postgres';
import type { Instance } from '../instance.ts';
import type { SecretContent } from '../secrets.ts';
import { storedPassword } from './scram.ts';

/** Names under which the versions of applied Secrets are kept, beside those of managed roles. */
const superuserKey = 'superuser';
const applicationKey = 'application';

/**
 * Gives the superuser and the application owner the passwords of their Secrets, once per version of each. Resolves to
 * false when a Secret could not be read, so that it is tried again.
 */
export async function applyPasswords(
  instance: Instance,
  cluster: Cluster,
  applied: Map<string, string>,
): Promise<boolean> {
  const superuser = await applySuperuser(instance, cluster, applied);
  const application = await applyApplication(instance, cluster, applied);
  return superuser && application;
}

async function applySuperuser(instance: Instance, cluster: Cluster, applied: Map<string, string>): Promise<boolean> {
  if (!isSuperuserAccessEnabled(cluster)) {
    if (applied.get(superuserKey) === 'none') return true;
    await instance.database.query('ALTER ROLE postgres PASSWORD NULL');
    applied.set(superuserKey, 'none');
    return true;
  }
  const version = cluster.status?.secretsResourceVersion?.superuserSecretVersion;
  const name = superuserSecretName(cluster);
  const secret = await instance.secrets.read(name, version);
  if (secret === undefined) return false;
  await applySecret(instance, cluster, { ...secret, name }, 'postgres', applied, superuserKey);
  return true;
}

async function applyApplication(instance: Instance, cluster: Cluster, applied: Map<string, string>): Promise<boolean> {
  const application = applicationDatabase(cluster);
  if (application === undefined) return true;
  const version = cluster.status?.secretsResourceVersion?.applicationSecretVersion;
  const name = applicationSecretName(cluster);
  const secret = await instance.secrets.read(name, version);
  if (secret === undefined) return false;
  await applySecret(instance, cluster, { ...secret, name }, application.owner, applied, applicationKey);
  return true;
}

async function applySecret(
  instance: Instance,
  cluster: Cluster,
  secret: SecretContent & { name: string },
  role: string,
  applied: Map<string, string>,
  key: string,
): Promise<void> {
  if (applied.get(key) === secret.resourceVersion) return;
  const username = secret.data.username?.toString('utf8');
  if (username !== role) {
    throw new Error(
      `the Secret "${secret.name}" holds the username "${username ?? ''}": set username to "${role}", the role it is for`,
    );
  }
  const password = secret.data.password?.toString('utf8');
  if (password === undefined) {
    throw new Error(`the Secret "${secret.name}" for role "${role}" has no key "password": add it`);
  }
  const passthrough = cluster.metadata.annotations?.[annotations.passwordPassthrough] === 'enabled';
  const stored = passthrough ? password : await storedPassword(password);
  await instance.database.query(`ALTER ROLE ${quoteIdentifier(role)} PASSWORD ${quoteLiteral(stored)}`);
  applied.set(key, secret.resourceVersion);
  instance.logger.info({ role }, 'The password of a role was set');
}
