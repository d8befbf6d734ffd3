import type { FaultKind } from './kind.ts';

/**
 * The process with API server, kubelets and Service network is killed and started again. Pods go on until that start,
 * which ends what is left of them and starts them anew: so this is also a crash of all instances at once.
 */
export const restarts: readonly FaultKind[] = [
  {
    name: 'kill -9 of the embedded Kubernetes, and its next start',
    group: 'restart',
    primary: 'may move',
    async inject({ world, note }) {
      note('matriarch up');
      await world.restart();
    },
  },
];
