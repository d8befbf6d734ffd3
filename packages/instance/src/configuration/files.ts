import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type Cluster, readWriteServiceName, slotName } from '@matriarch/api';
import { type ConnectionParameters, dataDirectoryVersion } from '@matriarch/postgres';
import { isDesignatedPrimary } from '../cluster.ts';
import { readIfExists, writeIfChanged } from '../files/atomic.ts';
import type { Instance } from '../instance.ts';
import { containerLayout } from '../paths.ts';
import { looksPrimary } from '../rejoin/role.ts';
import { secretText } from '../secrets.ts';
import { restrainedHba, restraintConf, restraintFile } from '../space/restraint.ts';
import { computeParameters } from './compute.ts';
import { primaryConninfo } from './conninfo.ts';
import type { Parameters } from './defaults.ts';
import { externalConninfo } from './external.ts';
import { type LdapSettings, renderHba, renderIdent } from './hba.ts';
import { renderOverride } from './override.ts';
import { ensureIncludes, renderCustomConf } from './render.ts';
import { type SynchronousStandbys, synchronousStandbys } from './synchronous.ts';
import { synchronousInput } from './synchronousInput.ts';

export interface ConfigurationResult {
  /** Whether a file changed that a reload makes the server read. */
  readonly changed: boolean;
  /** What the server shows as cnpg.config_sha256 once it runs with custom.conf. */
  readonly hash: string;
  readonly synchronous: SynchronousStandbys | undefined;
  /** Whether the floor made a setting greater than it is configured. */
  readonly raised: boolean;
}

/** Values that must not be lower than in the WAL that is replayed; they win over the configured ones. */
export type ParameterFloor = Readonly<Record<string, number>>;

/** What wins over the Cluster on this instance. */
export interface Deviations {
  /** Whether a standby receives WAL; in an election it does not. */
  readonly receiving: boolean;
  readonly floor?: ParameterFloor;
  /** Values that PostgreSQL is known to start with; undefined: without that setting. */
  readonly held?: Readonly<Record<string, string | undefined>>;
}

/** Writes every configuration file of PostgreSQL for the Cluster as it is now. */
export async function refreshConfiguration(
  instance: Instance,
  cluster: Cluster,
  { floor = {}, held = {}, receiving }: Deviations,
): Promise<ConfigurationResult> {
  const { layout, podName } = instance.options;
  const major = await dataDirectoryVersion(layout.pgData);
  const synchronous = synchronousStandbys(synchronousInput(cluster));
  const parameters = computeParameters({ cluster, layout, podName, major, synchronous });
  // Names, floors and places differ between instances of one configuration.
  const common = computeParameters({ cluster, layout: containerLayout({}), podName: '', major, synchronous });
  const settings = withHeld(parameters.settings, held);
  const raised = raisedSettings(settings, floor);
  const custom = renderCustomConf({ ...settings, ...raised }, parameters.own, common.settings);
  const files: readonly (readonly [name: string, content: string])[] = [
    ['custom.conf', custom.text],
    ['pg_hba.conf', restrainedHba(await hbaText(instance, cluster, major), instance.state.current.restraint)],
    ['pg_ident.conf', renderIdent(systemUser(), cluster.spec.postgresql?.pg_ident ?? [])],
    ...(await overrideFile(instance, cluster, receiving)),
    ...restraintFiles(instance),
  ];
  let changed = false;
  for (const [name, content] of files) {
    if (await writeIfChanged(join(layout.pgData, name), content)) changed = true;
  }
  const main = join(layout.pgData, 'postgresql.conf');
  await writeIfChanged(main, ensureIncludes((await readIfExists(main)) ?? ''));
  return { changed, hash: custom.hash, synchronous, raised: Object.keys(raised).length > 0 };
}

function withHeld(settings: Parameters, held: NonNullable<Deviations['held']>): Parameters {
  const entries = Object.entries({ ...settings, ...held });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** While the server runs the file belongs to the guard of the free space; a copied data directory may hold another's. */
function restraintFiles({ lifecycle, state }: Instance): readonly (readonly [string, string])[] {
  return lifecycle.state === 'down' ? [[restraintFile, restraintConf(state.current.restraint)]] : [];
}

/** What PostgreSQL takes for these when nobody says anything. */
const builtIn: ParameterFloor = {
  max_connections: 100,
  max_worker_processes: 8,
  max_wal_senders: 10,
  max_prepared_transactions: 0,
  max_locks_per_transaction: 64,
};

/** Settings that are below their floor, with the value that they need. */
function raisedSettings(settings: Parameters, floor: ParameterFloor): Parameters {
  const raised: Record<string, string> = {};
  for (const [name, least] of Object.entries(floor)) {
    const configured = Number(settings[name] ?? builtIn[name] ?? Number.NaN);
    // A line that is not needed would ask for a restart when it goes away again, at the promotion.
    if (!(configured >= least)) raised[name] = String(least);
  }
  return raised;
}

/** The name of the user that runs postgres; `/` stands for every user when the number has no name. */
export function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return '/';
  }
}

async function hbaText(instance: Instance, cluster: Cluster, major: number): Promise<string> {
  const selectors = (cluster.status?.podSelectorRefs ?? []).map((entry) => [entry.name, entry.ips ?? []] as const);
  return renderHba({
    major,
    rules: cluster.spec.postgresql?.pg_hba ?? [],
    selectors: Object.fromEntries(selectors),
    ldap: await ldapSettings(instance, cluster),
  });
}

async function ldapSettings(instance: Instance, cluster: Cluster): Promise<LdapSettings | undefined> {
  const ldap = cluster.spec.postgresql?.ldap;
  if (ldap === undefined || !ldap.server) return undefined;
  const search = ldap.bindSearchAuth;
  const reference = search?.bindPassword;
  const bindPassword =
    reference === undefined ? undefined : await secretText(instance.secrets, reference.name ?? '', reference.key);
  return {
    server: ldap.server,
    port: ldap.port,
    scheme: ldap.scheme,
    tls: ldap.tls,
    asAuth: ldap.bindAsAuth,
    searchAuth: search === undefined ? undefined : { ...search, bindPassword },
  };
}

/** A primary keeps the file it has, but PostgreSQL needs one; a standby gets the way to its source. */
async function overrideFile(
  instance: Instance,
  cluster: Cluster,
  receiving: boolean,
): Promise<readonly (readonly [string, string])[]> {
  const { layout } = instance.options;
  if (!(await looksPrimary(layout.pgData))) {
    return [['override.conf', await standbyOverride(instance, cluster, receiving ? 'stream' : 'cut')]];
  }
  const present = await readIfExists(join(layout.pgData, 'override.conf'));
  return present === undefined ? [['override.conf', '']] : [];
}

/** Writes override.conf of a standby alone; a reload makes the server follow it. */
export async function overrideStep(instance: Instance, cluster: Cluster, cut: boolean): Promise<void> {
  const path = join(instance.options.layout.pgData, 'override.conf');
  await writeIfChanged(path, await standbyOverride(instance, cluster, cut ? 'cut' : 'stream'));
}

/** `cut`: receives nothing, as in an election; `rewind`: for pg_rewind, which reads single files and uses no slot. */
export type StandbySource = 'stream' | 'cut' | 'rewind';

/** override.conf for this instance as a standby. */
export async function standbyOverride(instance: Instance, cluster: Cluster, kind: StandbySource): Promise<string> {
  const { layout, podName } = instance.options;
  const rewind = kind === 'rewind';
  if (isDesignatedPrimary(cluster, podName)) {
    const source = cluster.spec.replica?.source ?? '';
    const conninfo = await externalConninfo(instance, cluster, source);
    return renderOverride({ layout, conninfo, slot: undefined, rewind });
  }
  const conninfo = kind === 'cut' ? {} : await conninfoToPrimary(instance, cluster);
  return renderOverride({ layout, conninfo, slot: slotName(cluster, podName), rewind });
}

/** How this instance reaches the primary of its cluster. */
export async function conninfoToPrimary(instance: Instance, cluster: Cluster): Promise<ConnectionParameters> {
  const { layout, podName, standbyTcpUserTimeout } = instance.options;
  const host = readWriteServiceName(cluster);
  return primaryConninfo({
    host,
    hostAddress: await instance.resolver.addressOf(host),
    podName,
    certificates: layout.certificates,
    tcpUserTimeout: standbyTcpUserTimeout,
  });
}
