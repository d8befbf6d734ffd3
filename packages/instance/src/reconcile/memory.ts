import type { FailoverQuorumStatus } from '@matriarch/api';
import type { Archiving } from '../archive/archiving.ts';
import type { OwnImages } from '../configuration/ownImages.ts';
import type { RunningServer, ServerCertificate } from '../http/server.ts';
import type { Withdrawn } from '../lease/decide.ts';
import type { Barrier } from '../primary/quorumDecide.ts';
import type { HeldValues } from './refused.ts';

/** What the passes of one manager hand on to each other; lost with the process, and then found out anew. */
export interface Memory {
  /** Whether an earlier manager's process was looked for. */
  orphanChecked: boolean;
  /** Whether an earlier process of this pod may have left the Lease in its name. */
  leaseLeft: boolean;
  /** A standby that takes part in an election receives no WAL. */
  receiverCut: boolean;
  /** Instances that support the old primary no longer, until the Lease is ours. */
  readonly withdrawals: Map<string, Withdrawn>;
  /** Roles and passwords are set up once per start of a primary, and again when a Secret changes. */
  rolesReady: boolean;
  /** Parameters for which the extensions were made. */
  extensionsFor: string;
  /** Versions of the Secrets whose passwords are in the database. */
  readonly appliedSecrets: Map<string, string>;
  /** A file changed that the server has not been told of. */
  reloadPending: boolean;
  /** Hash of custom.conf as it is on disk. */
  configurationHash: string;
  /** A standby has greater settings than configured, until it has replayed that its primary has less. */
  configurationRaised: boolean;
  /** A loaded setting waits for a restart. */
  restartPending: boolean;
  /** The images that this manager began with, and the settings of that time. */
  own: OwnImages | undefined;
  /** Settings that PostgreSQL goes on with because it refused the wanted ones. */
  held: { readonly wanted: string; readonly values: HeldValues } | undefined;
  quorum: QuorumMemory;
  certificate: ServerCertificate | undefined;
  readonly tlsServers: RunningServer[];
  readonly archiving: Archiving;
}

/** How far the FailoverQuorum is. */
export interface QuorumMemory {
  /** Its status as we wrote it last. */
  published: FailoverQuorumStatus | undefined;
  barrier: Barrier;
}

export function createMemory(tlsServers: RunningServer[], archiving: Archiving): Memory {
  return {
    orphanChecked: false,
    leaseLeft: true,
    receiverCut: false,
    withdrawals: new Map(),
    rolesReady: false,
    extensionsFor: '',
    appliedSecrets: new Map(),
    reloadPending: false,
    configurationHash: '',
    configurationRaised: false,
    restartPending: false,
    own: undefined,
    held: undefined,
    quorum: { published: undefined, barrier: 'none' },
    certificate: undefined,
    tlsServers,
    archiving,
  };
}
