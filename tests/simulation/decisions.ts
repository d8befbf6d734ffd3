import { authorityAt } from '../../packages/instance/src/authority/authority.ts';
import { vote, withdraw } from '../../packages/instance/src/authority/voter.ts';
import { synchronousStandbys } from '../../packages/instance/src/configuration/synchronous.ts';
import { decideClaim, judgeLease } from '../../packages/instance/src/lease/decide.ts';
import { decideInstance } from '../../packages/instance/src/primary/decide.ts';
import { decideQuorum } from '../../packages/instance/src/primary/quorumDecide.ts';
import type { Plan } from '../../packages/operator/src/cluster/actions.ts';
import { clusterSteps, decide, staticSteps } from '../../packages/operator/src/cluster/decide/index.ts';
import type { Snapshot } from '../../packages/operator/src/cluster/snapshot.ts';
import type { Disk } from './postgres/disk.ts';

/** Every decision of operator and instance manager that the simulation plays; a mutation replaces one of them. */
export interface Decisions {
  readonly decideCluster: (snapshot: Snapshot) => Plan;
  readonly decideInstance: typeof decideInstance;
  readonly judgeLease: typeof judgeLease;
  readonly decideClaim: typeof decideClaim;
  readonly authorityAt: typeof authorityAt;
  readonly vote: typeof vote;
  readonly withdraw: typeof withdraw;
  readonly synchronousStandbys: typeof synchronousStandbys;
  readonly decideQuorum: typeof decideQuorum;
  /** Which place a standby reports: that of WAL which would survive a loss of power. */
  readonly receivedLsn: (disk: Pick<Disk, 'written' | 'flushed'>) => number;
}

/** Without the steps that only look at what never changes here: the validity of the spec, certificates, Services. */
const changing = clusterSteps.filter((step) => !staticSteps.has(step));

export const realDecisions: Decisions = {
  decideCluster: (snapshot) => decide(snapshot, changing),
  ...{ decideInstance, judgeLease, decideClaim, authorityAt, vote, withdraw, synchronousStandbys, decideQuorum },
  receivedLsn: ({ flushed }) => flushed,
};
