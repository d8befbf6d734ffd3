import type { Client, EventRecorder } from '@matriarch/kubernetes';
import type { OperatorConfig } from '../config/schema.ts';
import type { OperatorIdentity } from '../instances/identity.ts';
import type { InstancePool } from '../instances/pool.ts';
import type { Logger } from '../log.ts';
import type { ManagerProgram } from '../manager/program.ts';
import type { Metrics } from '../metrics/registry.ts';
import type { Caches } from './caches.ts';
import type { Discovered } from './discovery.ts';

/** What the controllers share. */
export interface Operator {
  readonly client: Client;
  readonly caches: Caches;
  readonly config: OperatorConfig;
  readonly identity: OperatorIdentity;
  readonly instances: InstancePool;
  /** The instance manager in our image; undefined when we run from the sources. */
  readonly program: ManagerProgram | undefined;
  readonly discovered: Discovered;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly now: () => number;
  /** Events of the component `cloudnative-pg`. */
  readonly events: EventRecorder;
}
