/** A former primary becomes a standby (packages/instance/src/rejoin): as it is, or by a copy that takes its time. */
import type { Cluster } from '@matriarch/api';
import { reaches } from '../engine/network.ts';
import { after, note } from '../engine/simulation.ts';
import { writeEndpoint } from '../kubernetes/service.ts';
import { isWritable } from '../postgres/server.ts';
import { holds } from '../postgres/wal.ts';
import type { World } from '../world.ts';
import type { Manager } from './manager.ts';

export function rejoin(world: World, manager: Manager, cluster: Cluster, done: (rejoined: boolean) => void): void {
  const { sim, network } = world;
  const { disk } = manager;
  const { currentPrimary = '', targetPrimary = '' } = cluster.status ?? {};
  const primary = writeEndpoint(world);
  const usable = primary !== undefined && isWritable(primary) && primary.disk !== disk && primary.actor.frozen === 0;
  if (currentPrimary !== targetPrimary || !usable || !reaches(network, primary.machine.name, manager.machine.name)) {
    after(sim, manager.actor, 50, () => done(false));
    return;
  }
  if (disk.branch !== primary.disk.branch && holdsAll(primary.disk, disk)) {
    disk.standby = true;
    note(sim, manager.actor.name, () => 'can follow as it is');
    after(sim, manager.actor, 20, () => done(true));
    return;
  }
  manager.state.rewinding = true;
  disk.torn = true;
  note(sim, manager.actor.name, () => `copies the data of ${primary.instance}`);
  after(sim, manager.actor, sim.random.between(200, 3000), () => {
    manager.state.rewinding = false;
    if (!isWritable(primary) || !reaches(network, primary.machine.name, manager.machine.name)) return done(false);
    Object.assign(disk, {
      branch: primary.disk.branch,
      written: primary.disk.flushed,
      flushed: primary.disk.flushed,
      ...{ standby: true, clean: undefined, torn: false },
    });
    done(true);
  });
}

type Data = Manager['disk'];

const holdsAll = (primary: Data, own: Data): boolean =>
  holds({ branch: primary.branch, lsn: primary.flushed }, own.branch, own.written);
