import type { Backup, Cluster, DatabaseRole, FailoverQuorum, ImageCatalogSpec, Pooler } from '@matriarch/api';
import type { Job } from 'kubernetes-types/batch/v1.d.ts';
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts';
import type { Node, PersistentVolumeClaim, Pod, Service, ServiceAccount } from 'kubernetes-types/core/v1.d.ts';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts';
import type { Role, RoleBinding } from 'kubernetes-types/rbac/v1.d.ts';
import type { OperatorConfig } from '../config/schema.ts';
import type { Observation } from '../instances/report.ts';
import type { PodMonitor } from '../kinds.ts';
import type { UpdateState } from '../manager/updates.ts';

/** What is known of a Secret without its private contents. */
export interface SecretFacts {
  readonly name: string;
  readonly resourceVersion: string;
  readonly type: string;
  /** True when exactly this incarnation of the cluster controls it. */
  readonly owned: boolean;
  /** Some Cluster controls it, this one or another. */
  readonly ownedByCluster: boolean;
  readonly keys: readonly string[];
  /** PEM of `ca.crt` and `tls.crt`. */
  readonly caCertificate?: string;
  readonly certificate?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The objects, one of each kind, that the cluster has or should have. */
export interface OwnedObjects {
  readonly services: readonly Service[];
  readonly podDisruptionBudgets: readonly PodDisruptionBudget[];
  readonly serviceAccount: ServiceAccount | undefined;
  readonly role: Role | undefined;
  readonly roleBinding: RoleBinding | undefined;
  readonly podMonitor: PodMonitor | undefined;
  readonly failoverQuorum: FailoverQuorum | undefined;
  readonly lease: Lease | undefined;
}

/** The default metric queries: what the administrator wrote, and the copy in the namespace of the cluster. */
export interface MonitoringQueries {
  readonly source: string | undefined;
  readonly copy: { readonly queries: string | undefined; readonly ours: boolean } | undefined;
}

/** Everything that decisions about one cluster depend on, at one moment. */
export interface Snapshot {
  readonly cluster: Cluster;
  readonly config: OperatorConfig;
  readonly now: number;
  readonly operator: {
    readonly fingerprint: string;
    readonly podMonitorsExist: boolean;
    /** Pull secret of the operator, when there is one. */
    readonly pullSecret: boolean;
    /** The instance managers that the operator brings, one for each architecture. */
    readonly managers: readonly { readonly goArch: string; readonly hash: string }[];
    /** The replacement of instance managers in this cluster. */
    readonly update: UpdateState;
  };
  /** Pods of instances, by name. */
  readonly pods: readonly Pod[];
  readonly jobs: readonly Job[];
  /** Claims that this cluster controls. */
  readonly claims: readonly PersistentVolumeClaim[];
  /** Names of claims that somebody else holds: most often an earlier cluster of this name, on its way out. */
  readonly foreignClaims: ReadonlySet<string>;
  readonly nodes: ReadonlyMap<string, Node>;
  readonly observations: ReadonlyMap<string, Observation>;
  readonly owned: OwnedObjects;
  readonly secrets: ReadonlyMap<string, SecretFacts>;
  readonly configMapVersions: ReadonlyMap<string, string>;
  readonly monitoring: { readonly configMap: MonitoringQueries };
  /** False when spec.serviceAccountName names one that does not exist. */
  readonly serviceAccountExists: boolean;
  /** The catalog that the cluster refers to, when it exists. */
  readonly catalog: ImageCatalogSpec | undefined;
  readonly poolers: readonly Pooler[];
  readonly databaseRoles: readonly DatabaseRole[];
  readonly originBackup: Backup | undefined;
  /** When the last rollouts were started; kept in memory across clusters. */
  readonly rollouts: { readonly anyCluster: number | undefined; readonly thisCluster: number | undefined };
}
