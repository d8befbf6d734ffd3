import type { Cluster } from '@matriarch/api';
import type { Client, EventRecorder, KubernetesObject } from '@matriarch/kubernetes';
import type { OperatorConfig } from '../../config/schema.ts';
import type { KindName } from '../../kinds.ts';
import type { Logger } from '../../log.ts';
import type { SendOutcome } from '../../manager/send.ts';

export interface ManagerSender {
  readonly hash: string;
  /** Starts an attempt unless one is under way in this cluster. */
  begin(instance: string, ended: (outcome: SendOutcome) => void): void;
}

/** What the actions on one cluster work with. */
export interface ActContext {
  readonly client: Client;
  readonly cluster: Cluster;
  readonly config: OperatorConfig;
  readonly events: EventRecorder;
  readonly log: Logger;
  readonly now: () => number;
  /** Shows what we wrote to the caches at once, without waiting for the watch. */
  readonly wrote: (resource: KindName, object: KubernetesObject) => void;
  readonly recordRollout: () => void;
  /** The instance manager that this operator brings, and the way to put it into an instance. */
  readonly managers: ManagerSender | undefined;
  readonly signal: AbortSignal;
}
