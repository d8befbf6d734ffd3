import { labels, roles } from '@matriarch/api';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { after } from '../engine/simulation.ts';
import type { Server } from '../postgres/server.ts';
import type { World } from '../world.ts';
import { listOf } from './store.ts';

const isReady = ({ status }: Pod): boolean =>
  (status?.conditions ?? []).some((condition) => condition.type === 'Ready' && condition.status === 'True');

/** Who is behind the write Service; machines learn of a change a little later. */
export function startService(world: World): void {
  const { sim, api } = world;
  let scheduled = false;
  api.store.listeners.push(({ kind }) => {
    if (kind !== 'pods' || scheduled) return;
    scheduled = true;
    after(sim, undefined, sim.random.between(5, 250), () => {
      scheduled = false;
      const ready = listOf<Pod>(api.store, 'pods').filter(
        (pod) => pod.metadata?.labels?.[labels.instanceRole] === roles.instance.primary && isReady(pod),
      );
      world.endpoints = ready.map((pod) => ({ name: pod.metadata?.name ?? '', uid: pod.metadata?.uid ?? '' }));
    });
  });
}

/** The server to which a new connection through the write Service leads. */
export function writeEndpoint(world: World): Server | undefined {
  const [first] = world.endpoints;
  if (first === undefined) return undefined;
  const pod = world.pods.get(first.name);
  return pod?.uid === first.uid ? pod.manager?.server : undefined;
}
