import { isOtherDomain } from '@matriarch/api';

/** What decides synchronous_standby_names: the spec, and which instances are healthy now. */
export interface SynchronousInput {
  readonly clusterName: string;
  readonly primary: string;
  readonly instances: readonly string[];
  readonly healthy: readonly string[];
  readonly synchronous: SynchronousSpec | undefined;
  readonly minSyncReplicas: number;
  readonly maxSyncReplicas: number;
  /** Labels of the failure domain of each instance, when the operator could tell them. */
  readonly topology: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  /** Labels that must differ from the primary's for an instance to count, empty = none. */
  readonly domainKeys: readonly string[];
  /** Labels of which one must differ for the older minSyncReplicas/maxSyncReplicas, undefined = none. */
  readonly antiAffinityKeys: readonly string[] | undefined;
}

export interface SynchronousSpec {
  readonly method: 'any' | 'first';
  readonly number: number;
  readonly dataDurability: 'required' | 'preferred';
  readonly maxStandbyNamesFromCluster: number | undefined;
  readonly standbyNamesPre: readonly string[];
  readonly standbyNamesPost: readonly string[];
}

export interface SynchronousStandbys {
  readonly method: 'ANY' | 'FIRST';
  readonly number: number;
  readonly standbyNames: readonly string[];
}

/** Decides the synchronous standbys; undefined = asynchronous replication. */
export function synchronousStandbys(input: SynchronousInput): SynchronousStandbys | undefined {
  return input.synchronous === undefined ? legacyStandbys(input) : explicitStandbys(input, input.synchronous);
}

function explicitStandbys(input: SynchronousInput, spec: SynchronousSpec): SynchronousStandbys | undefined {
  const method = spec.method === 'first' ? 'FIRST' : 'ANY';
  const healthy = sorted(input.healthy.filter((name) => name !== input.primary));
  if (spec.dataDurability === 'preferred') {
    const names = limit(otherDomains(input, healthy, 1), spec.maxStandbyNamesFromCluster);
    const number = Math.min(spec.number, names.length);
    return number === 0 ? undefined : { method, number, standbyNames: names };
  }
  const others = sorted(input.instances.filter((name) => name !== input.primary && !healthy.includes(name)));
  const primary = input.primary === '' ? [] : [input.primary];
  const candidates = otherDomains(input, [...healthy, ...others, ...primary], spec.number);
  const names = [
    ...spec.standbyNamesPre,
    ...limit(candidates, spec.maxStandbyNamesFromCluster),
    ...spec.standbyNamesPost,
  ];
  // A name that never connects: commits wait rather than be acknowledged by the primary alone.
  return {
    method,
    number: spec.number,
    standbyNames: names.length === 0 ? [`${input.clusterName}-placeholder`] : names,
  };
}

/** Keeps the instances of another failure domain, when the topology is known and enough of them remain. */
function otherDomains(input: SynchronousInput, names: readonly string[], needed: number): readonly string[] {
  const own = input.topology?.[input.primary];
  if (input.domainKeys.length === 0 || own === undefined) return names;
  const remote = names.filter((name) => isOtherDomain(own, input.topology?.[name], input.domainKeys));
  return remote.length >= needed ? remote : names;
}

function legacyStandbys(input: SynchronousInput): SynchronousStandbys | undefined {
  const ready = input.healthy.length - 1;
  if (ready < 0 || input.maxSyncReplicas <= 0) return undefined;
  let number = input.maxSyncReplicas;
  if (ready < number) number = input.minSyncReplicas;
  if (ready < number) number = ready;
  const names = legacyElectable(input);
  number = Math.min(number, names.length);
  return number === 0 ? undefined : { method: 'ANY', number, standbyNames: names };
}

function legacyElectable(input: SynchronousInput): readonly string[] {
  if (input.primary === '') return [];
  const names = sorted(input.healthy.filter((name) => name !== input.primary));
  const own = input.topology?.[input.primary];
  const keys = input.antiAffinityKeys;
  if (keys === undefined || own === undefined) return names;
  // An instance is where the primary is when all labels are the same.
  return names.filter((name) => keys.some((key) => input.topology?.[name]?.[key] !== own[key]));
}

/** The value of the setting, with the names quoted as identifiers. */
export function renderSynchronousStandbyNames(standbys: SynchronousStandbys): string {
  const names = standbys.standbyNames.map((name) => `"${name.replaceAll('"', '""')}"`).join(',');
  return `${standbys.method} ${standbys.number} (${names})`;
}

function limit(names: readonly string[], most: number | undefined): readonly string[] {
  return most === undefined ? names : names.slice(0, most);
}

function sorted(names: readonly string[]): readonly string[] {
  return [...names].sort();
}
