import { isRefused, observe, request } from '../kubernetes/api.ts';
import { patch } from '../kubernetes/store.ts';
import { clusterName, timestamp, type World } from '../world.ts';
import type { Manager } from './manager.ts';

/** Tells everybody that this instance is the primary. */
export function announce(world: World, manager: Manager, done: (written: boolean) => void): void {
  const status = { currentPrimary: manager.name, currentPrimaryTimestamp: timestamp(world) };
  request(
    world,
    manager.client,
    10_000,
    (store) => patch(store, 'clusters', clusterName, { status }),
    (result) => {
      if (!isRefused(result) && result.object) observe(manager.watcher, 'clusters', result.object);
      done(!isRefused(result));
    },
  );
}
