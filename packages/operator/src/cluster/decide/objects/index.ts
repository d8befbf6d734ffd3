import { clusterPhases } from '@matriarch/api';
import { requeue } from '@matriarch/kubernetes';
import { type Draft, type Step, setPhase } from '../draft.ts';
import { decideAccounts } from './accounts.ts';
import { decideBudgets } from './budgets.ts';
import { decideFailoverQuorum, decidePodMonitor, decidePrimaryLease } from './coordination.ts';
import { decideMonitoringQueries } from './monitoring.ts';
import { decidePki } from './pki.ts';
import { decideSecrets } from './secrets.ts';
import { decideServices } from './services.ts';

/** In the order in which they are made. Each says what is wrong, or nothing. */
const parts: ((draft: Draft) => string | undefined)[] = [
  decidePki,
  decideSecrets,
  decideServices,
  decideBudgets,
  decideAccounts,
  decideMonitoringQueries,
  decidePodMonitor,
  decideFailoverQuorum,
  decidePrimaryLease,
];

/** The objects that the cluster has once, apart from its instances. */
export const objects: Step = (draft) => {
  for (const part of parts) {
    const problem = part(draft);
    if (problem === undefined) continue;
    setPhase(draft, clusterPhases.cannotCreateObjects, problem);
    return requeue(10_000, problem);
  }
  return undefined;
};
