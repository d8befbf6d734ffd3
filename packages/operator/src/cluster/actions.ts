import type { ClusterStatus } from '@matriarch/api';
import type { KubernetesObject } from '@matriarch/kubernetes';
import type { KindName } from '../kinds.ts';
import type { LeafRequest } from '../pki/requests.ts';
import type { CredentialsRequest } from './builders/secrets.ts';

/** What is to be done, as a plain value. Every action may be done twice, and in part, without harm. */
export type Action =
  | { readonly kind: 'patchStatus'; readonly patch: Partial<Record<keyof ClusterStatus, unknown>> }
  | { readonly kind: 'patchCluster'; readonly body: object }
  | { readonly kind: 'create'; readonly resource: KindName; readonly object: KubernetesObject }
  | {
      readonly kind: 'patch';
      readonly resource: KindName;
      readonly name: string;
      readonly body: object;
      readonly resourceVersion?: string;
    }
  | {
      readonly kind: 'delete';
      readonly resource: KindName;
      readonly name: string;
      readonly uid?: string;
      readonly now?: boolean;
    }
  | { readonly kind: 'event'; readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string }
  | { readonly kind: 'createCredentials'; readonly request: CredentialsRequest }
  | { readonly kind: 'issueCA'; readonly secret: string; readonly renew: boolean }
  | { readonly kind: 'issueLeaf'; readonly request: LeafRequest }
  | { readonly kind: 'copyPullSecret'; readonly name: string }
  /** A reason that belongs in no field and no event. */
  | { readonly kind: 'log'; readonly message: string; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: 'recordRollout'; readonly instance: string; readonly reason: string }
  /** Begins to replace the instance manager of an instance, which runs the version with this hash. */
  | { readonly kind: 'updateManager'; readonly instance: string; readonly formerHash: string };

/** The outcome of deciding: what to do in this order, and when to look again. */
export interface Plan {
  readonly actions: readonly Action[];
  readonly result: import('@matriarch/kubernetes').ReconcileResult;
}
