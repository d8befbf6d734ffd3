/** Clients that write through the write Service; a connection is kept until it breaks, so it may be to an old primary. */
import { reaches, transit } from './engine/network.ts';
import { after, createActor } from './engine/simulation.ts';
import { writeEndpoint } from './kubernetes/service.ts';
import { isWritable, type Server, write } from './postgres/server.ts';
import type { World } from './world.ts';

export interface Writer {
  server: Server | undefined;
  acknowledged: number;
  lastAt: number;
}

const patienceMs = 4000;

export function startWriter(world: World, index: number, pauseMs: () => number): Writer {
  const { sim } = world;
  const actor = createActor(`client-${index}`);
  const place = `client-${index}`;
  const writer: Writer = { server: undefined, acknowledged: 0, lastAt: 0 };
  const later = (ms: number) => after(sim, actor, ms, attempt);

  const attempt = () => {
    writer.server ??= writeEndpoint(world);
    const { server } = writer;
    if (server === undefined || !reaches(world.network, place, server.machine.name) || !server.actor.alive) {
      writer.server = undefined;
      return void later(sim.random.between(100, 500));
    }
    send(server);
  };

  const send = (server: Server) => {
    let open = true;
    const finish = (done: () => void) => {
      if (!open) return;
      open = false;
      timeout.run = undefined;
      done();
    };
    const timeout = after(sim, actor, patienceMs, () =>
      finish(() => {
        if (sim.random.chance(0.5)) writer.server = undefined;
        later(10);
      }),
    );
    after(sim, server.actor, transit(sim), () => {
      if (!isWritable(server)) {
        after(sim, actor, transit(sim), () =>
          finish(() => {
            writer.server = undefined;
            later(sim.random.between(100, 500));
          }),
        );
        return;
      }
      write(world, server, () => {
        after(sim, actor, transit(sim), () =>
          finish(() => {
            writer.acknowledged += 1;
            writer.lastAt = sim.now;
            later(pauseMs());
          }),
        );
      });
    });
  };

  later(sim.random.between(10, 300));
  return writer;
}
