import type { Cluster } from '@matriarch/api';
import type { Client, EventRecorder } from '@matriarch/kubernetes';
import type { Ballot, VoteCollector } from './authority/ballot.ts';
import type { PeerClient } from './authority/peers.ts';
import type { Watchdog } from './authority/watchdog.ts';
import type { Database } from './database.ts';
import type { HostResolver } from './hosts.ts';
import type { PrimaryLease } from './lease/holder.ts';
import type { Logger, Loggers } from './logger.ts';
import type { InstanceOptions } from './options.ts';
import type { Environment } from './paths.ts';
import type { Lifecycle } from './postmaster/lifecycle.ts';
import type { SecretReader } from './secrets.ts';
import type { StateHolder } from './state.ts';

/** The Cluster as this manager last saw it. */
export interface ClusterSource {
  current(): Cluster | undefined;
  onChange(listener: (cluster: Cluster) => void): () => void;
  /** Takes over an object that we have just written, ahead of the watch. */
  observe(cluster: Cluster): void;
}

/** Everything the parts of one running manager share. */
export interface Instance {
  readonly options: InstanceOptions;
  readonly environment: Environment;
  readonly loggers: Loggers;
  readonly logger: Logger;
  readonly client: Client;
  readonly cluster: ClusterSource;
  readonly secrets: SecretReader;
  readonly resolver: HostResolver;
  readonly lifecycle: Lifecycle;
  readonly database: Database;
  readonly state: StateHolder;
  readonly lease: PrimaryLease;
  /** Votes of this instance for others. */
  readonly ballot: Ballot;
  /** Votes of others for this instance. */
  readonly votes: VoteCollector;
  /** Ends PostgreSQL of a primary whose manager cannot. */
  readonly watchdog: Watchdog;
  /** Managers of the other instances. */
  readonly peers: PeerClient;
  readonly events: EventRecorder;
  /** Pipe that takes what postgres prints. */
  readonly logPath: string;
  /** Asks for another pass of the reconcile loop. */
  wake(): void;
}
