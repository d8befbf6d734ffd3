/** What every part of the node needs. */
import type { ConfigMap, PersistentVolume, PersistentVolumeClaim, Secret } from 'kubernetes-types/core/v1.d.ts';
import type { Api } from '../runtime/api.ts';
import type { Cache } from '../runtime/cache.ts';
import type { EventRecorder } from '../runtime/events.ts';
import type { Stored } from '../runtime/resources.ts';
import type { Clock } from '../runtime/time.ts';
import type { AddressPool } from './addresses.ts';
import type { HostUsers } from './identity.ts';
import type { ImageCatalogue } from './image.ts';
import type { Layout } from './layout.ts';
import type { Silence } from './silence.ts';
import type { Turns } from './turns.ts';

export interface NodeContext {
  readonly nodeName: string;
  readonly nodeIP: string;
  readonly api: Api;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly layout: Layout;
  readonly users: HostUsers;
  /** By namespace and name of pods; shared by all nodes. */
  readonly turns: Turns;
  readonly silence: Silence;
  readonly addresses: AddressPool;
  readonly images: ImageCatalogue;
  readonly secrets: Cache<Secret>;
  readonly configMaps: Cache<ConfigMap>;
  readonly claims: Cache<PersistentVolumeClaim>;
  readonly volumes: Cache<PersistentVolume>;
  readonly apiServer: { readonly host: string; readonly port: number };
  /** PATH of the host. */
  readonly hostPath: string;
  /** Allocatable of the node. */
  readonly machine: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
  /** Directory of a volume that this cluster provisioned. */
  volumePath(volume: Stored<PersistentVolume>): string | undefined;
}
