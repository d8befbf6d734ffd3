import type { Job } from 'kubernetes-types/batch/v1.d.ts';
import { after, note } from '../engine/simulation.ts';
import { createDisk } from '../postgres/disk.ts';
import { isWritable } from '../postgres/server.ts';
import type { World } from '../world.ts';
import { releaseClaims } from './kubelet.ts';
import { writeEndpoint } from './service.ts';
import { patch, read } from './store.ts';

/** Jobs that fill a new volume with a copy of the primary. */
export function startJobs(world: World): void {
  world.api.store.listeners.push(({ kind, name, object }) => {
    if (kind === 'persistentVolumeClaims' && object?.metadata?.deletionTimestamp) releaseClaims(world, name);
    if (kind !== 'jobs' || object === undefined || (object as Job).status) return;
    attempt(world, name, instanceOf(object as Job));
  });
}

const instanceOf = (job: Job): string =>
  (job.spec?.template.spec?.volumes ?? []).find(({ persistentVolumeClaim }) => persistentVolumeClaim)
    ?.persistentVolumeClaim?.claimName ?? '';

function attempt(world: World, job: string, instance: string): void {
  const { sim, api } = world;
  after(sim, undefined, sim.random.between(200, 1500), () => {
    if (read(api.store, 'jobs', job) === undefined) return;
    const primary = writeEndpoint(world);
    const machine = freeMachine(world);
    const usable = primary !== undefined && isWritable(primary) && primary.actor.frozen === 0;
    if (!usable || machine === undefined) return attempt(world, job, instance);
    after(sim, undefined, sim.random.between(200, 1500), () => {
      if (read(api.store, 'jobs', job) === undefined) return;
      if (!isWritable(primary) || primary.actor.frozen > 0) return attempt(world, job, instance);
      const { branch, flushed } = primary.disk;
      world.disks.set(instance, createDisk(instance, machine, branch, flushed, true));
      note(sim, job, () => `${instance} is a copy of ${primary.instance} on ${machine}`);
      patch(api.store, 'jobs', job, { status: { conditions: [{ type: 'Complete', status: 'True' }] } });
    });
  });
}

function freeMachine(world: World): string | undefined {
  const used = new Set([...world.disks.values()].map(({ machine }) => machine));
  for (const { name, up, frozen } of world.machines.values()) {
    if (up && frozen === 0 && !used.has(name) && !world.cordoned.has(name)) return name;
  }
  return undefined;
}
