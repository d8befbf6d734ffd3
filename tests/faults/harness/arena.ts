/** A running cluster with its clients, its watcher and the record of what was acknowledged. */
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../e2e/support/until.ts';
import { type Epoch, type Ledger, startLedger } from './ledger.ts';
import type { CleanFiles } from './pages.ts';
import { askOnce } from './session.ts';
import { startWatcher, type Watcher, watchTable } from './watcher.ts';
import { requireHealthy, startWorld, type World } from './world.ts';

export interface Arena {
  readonly world: World;
  readonly ledger: Ledger;
  readonly watcher: Watcher;
  /** Earlier epochs that are compared again after each fault; the newest last. */
  readonly kept: Epoch[];
  /** Files of data directories whose checksums were computed. */
  readonly clean: CleanFiles;
  /** Runs a statement on the primary, until it is acknowledged. */
  define(statement: string): Promise<void>;
  close(): Promise<void>;
}

const startLimitMs = 120_000;
const defineLimitMs = 60_000;
const clients = 4;

export async function openArena(): Promise<Arena> {
  const world = await startWorld();
  try {
    await until('the cluster is healthy', startLimitMs, () => requireHealthy(world));
    const define = (statement: string) =>
      until(statement, defineLimitMs, async () => {
        await askOnce(world.write(), statement, 5000);
        return true;
      });
    await define(watchTable);
    const password = world.write().password;
    const watcher = startWatcher({ password, instances: () => world.view().instances });
    const ledger = await startLedger({ clients, login: world.write, define });
    while (ledger.total === 0) await delay(10);
    return {
      world,
      ledger,
      watcher,
      kept: [],
      clean: new Map(),
      define,
      async close() {
        await Promise.all([ledger.stop(), watcher.stop()]);
        await world.close();
      },
    };
  } catch (error) {
    await world.close();
    throw error;
  }
}
