import type { Backup, Cluster } from '@matriarch/api';
import type { KubernetesObject } from '@matriarch/kubernetes';
import type { Job } from 'kubernetes-types/batch/v1.d.ts';
import type { Node, PersistentVolumeClaim, Pod, Secret } from 'kubernetes-types/core/v1.d.ts';
import { loadConfig } from '../../config/load.ts';
import type { OperatorConfig } from '../../config/schema.ts';
import type { InstanceReport, Observation } from '../../instances/report.ts';
import type { KindName } from '../../kinds.ts';
import { issueCA, issueLeaf, type KeyPair } from '../../pki/issue.ts';
import type { Action } from '../actions.ts';
import { encoded } from '../builders/secrets.ts';
import { secretFacts } from '../observe/secrets.ts';
import type { OwnedObjects, Snapshot } from '../snapshot.ts';

/** Kubernetes and PostgreSQL in memory, as far as decisions about one cluster can see them. Time stands still. */
export class Model {
  cluster: Cluster;
  readonly config: OperatorConfig;
  now = Date.parse('2026-06-01T00:00:00Z');
  readonly objects = new Map<string, KubernetesObject>();
  readonly reports = new Map<string, InstanceReport>();
  readonly events: string[] = [];
  readonly nodes = new Map<string, Node>();
  readonly foreignClaims = new Set<string>();
  /** The instance managers that the operator brings. */
  managers: Snapshot['operator']['managers'] = [];
  update: Snapshot['operator']['update'] = { kind: 'idle' };
  originBackup: Backup | undefined;
  rollouts: Snapshot['rollouts'] = { anyCluster: undefined, thisCluster: undefined };
  private version = 1;
  private readonly keys = new Map<string, KeyPair>();

  constructor(cluster: Cluster, settings: Record<string, string> = {}) {
    this.cluster = structuredClone(cluster);
    this.config = loadConfig([settings]);
  }

  snapshot(): Snapshot {
    const all = <T extends KubernetesObject>(resource: KindName) => this.list<T>(resource);
    const observations = new Map<string, Observation>();
    for (const pod of all<Pod>('pods')) {
      const report = this.reports.get(pod.metadata?.name ?? '');
      observations.set(pod.metadata?.name ?? '', report ? { kind: 'report', report } : { kind: 'unknown' });
    }
    const secrets = all<Secret>('secrets').map((secret) => secretFacts(secret, this.cluster));
    return structuredClone({
      cluster: this.cluster,
      config: withoutFunctions(this.config),
      now: this.now,
      operator: {
        fingerprint: 'f',
        podMonitorsExist: false,
        pullSecret: false,
        managers: this.managers,
        update: this.update,
      },
      pods: all<Pod>('pods'),
      jobs: all<Job>('jobs'),
      claims: all<PersistentVolumeClaim>('persistentVolumeClaims'),
      foreignClaims: this.foreignClaims,
      nodes: this.nodes,
      observations,
      owned: this.owned(),
      secrets: new Map(secrets.map((facts) => [facts.name, facts])),
      configMapVersions: new Map<string, string>(),
      monitoring: { configMap: { source: undefined, copy: undefined } },
      serviceAccountExists: true,
      catalog: undefined,
      poolers: [],
      databaseRoles: [],
      originBackup: this.originBackup,
      rollouts: this.rollouts,
    });
  }

  private owned(): OwnedObjects {
    const { name } = this.cluster.metadata;
    const one = <T>(resource: KindName) => this.get(resource, name) as T | undefined;
    return {
      services: this.list('services'),
      podDisruptionBudgets: this.list('podDisruptionBudgets'),
      serviceAccount: one('serviceAccounts'),
      role: one('roles'),
      roleBinding: one('roleBindings'),
      podMonitor: one('podMonitors'),
      failoverQuorum: one('failoverQuorums'),
      lease: one('leases'),
    };
  }

  list<T extends KubernetesObject>(resource: KindName): T[] {
    const found = [...this.objects]
      .filter(([key]) => key.startsWith(`${resource}/`))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return found.map(([, object]) => object as T);
  }

  get(resource: KindName, name: string): KubernetesObject | undefined {
    return this.objects.get(`${resource}/${name}`);
  }

  put(resource: KindName, object: KubernetesObject): void {
    this.version += 1;
    const metadata = { uid: `uid-${this.version}`, ...object.metadata, resourceVersion: String(this.version) };
    const wire = JSON.parse(JSON.stringify({ ...object, metadata })) as KubernetesObject;
    this.objects.set(`${resource}/${metadata.name}`, wire);
  }

  perform(action: Action): void {
    switch (action.kind) {
      case 'patchStatus':
        this.cluster = {
          ...this.cluster,
          status: merge(this.cluster.status ?? {}, action.patch) as Cluster['status'] & object,
        };
        return;
      case 'patchCluster':
        this.cluster = merge(this.cluster, action.body) as Cluster;
        return;
      case 'create':
        if (!this.get(action.resource, action.object.metadata?.name ?? '')) this.put(action.resource, action.object);
        return;
      case 'patch': {
        const live = this.get(action.resource, action.name);
        if (live) this.put(action.resource, merge(live, action.body) as KubernetesObject);
        return;
      }
      case 'delete':
        this.objects.delete(`${action.resource}/${action.name}`);
        if (action.resource === 'pods') this.reports.delete(action.name);
        return;
      case 'recordRollout':
        this.rollouts = { ...this.rollouts, thisCluster: this.now };
        return;
      case 'event':
        this.events.push(`${action.reason}: ${action.message}`);
        return;
      default:
        this.performOnSecret(action);
    }
  }

  private performOnSecret(action: Action): void {
    const validity = { now: this.now, days: this.config.certificateDuration };
    const { name, uid = '' } = this.cluster.metadata;
    const owner = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', name, uid, controller: true };
    const put = (secret: string, data: Record<string, string>) =>
      this.put('secrets', { metadata: { name: secret, ownerReferences: [owner] }, data: encoded(data) } as Secret);
    if (action.kind === 'createCredentials') put(action.request.name, { username: action.request.username });
    if (action.kind === 'issueCA') {
      const pair = issueCA({ commonName: name }, validity, this.keys.get(action.secret)?.key);
      this.keys.set(action.secret, pair);
      put(action.secret, { 'ca.crt': pair.cert, 'ca.key': pair.key });
    }
    if (action.kind === 'issueLeaf') {
      const ca = this.keys.get(action.request.ca);
      if (!ca) throw new Error(`no CA ${action.request.ca}`);
      const pair = issueLeaf(action.request, ca, validity);
      put(action.request.secret, { 'tls.crt': pair.cert, 'tls.key': pair.key });
    }
  }
}

/** Settings are plain values; a copy keeps structuredClone content. */
function withoutFunctions(config: OperatorConfig): OperatorConfig {
  return { ...config };
}

/** RFC 7386. */
export function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {};
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue;
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}
