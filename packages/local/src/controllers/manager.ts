/** Starts all controllers. */
import { createRecorder, type EventRecorder } from '../runtime/events.ts';
import { startClaims } from '../volumes/claims.ts';
import type { Provisioner } from '../volumes/provisioner.ts';
import { startClaimProtection, startVolumes } from '../volumes/volumes.ts';
import type { ControllerContext, Running } from './common.ts';
import { startDeployments } from './deployments.ts';
import { startDisruptionBudgets } from './disruption.ts';
import { startEndpoints } from './endpoints.ts';
import { startGarbageCollector } from './garbage.ts';
import { startJobs } from './jobs.ts';
import { startNamespaces } from './namespaces.ts';
import { startNodeLifecycle } from './node-lifecycle.ts';
import { startPodGarbage } from './pod-garbage.ts';
import { startReplicaSets } from './replica-sets.ts';
import { startServiceAccounts } from './service-accounts.ts';
import { createUniverse, type UniverseSource } from './universe.ts';

export interface ManagerOptions extends Omit<ControllerContext, 'events'> {
  readonly caCertificate: string;
  readonly universe: UniverseSource;
  readonly provisioner?: Provisioner;
}

export function startControllers(options: ManagerOptions): Running {
  const { api, clock, log } = options;
  const recorders = new Map<string, EventRecorder>();
  const events = (component: string): EventRecorder => {
    const recorder = recorders.get(component) ?? createRecorder({ api, component, clock, log });
    recorders.set(component, recorder);
    return recorder;
  };
  const context: ControllerContext = { ...options, events };
  const universe = createUniverse(options.universe);
  const running = [
    startServiceAccounts(context, options.caCertificate),
    startNamespaces(context, universe),
    startGarbageCollector(context, universe),
    startReplicaSets(context),
    startDeployments(context),
    startJobs(context),
    startEndpoints(context),
    startClaims(context, options.provisioner),
    startVolumes(context, options.provisioner),
    startClaimProtection(context),
    startDisruptionBudgets(context),
    startNodeLifecycle(context),
    startPodGarbage(context),
  ];
  return {
    stop: async () => {
      universe.stop();
      await Promise.all(running.map((each) => each.stop()));
      await Promise.all([...recorders.values()].map((recorder) => recorder.flush()));
    },
  };
}
