import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 10;

/**
 * Makes a standby a primary, as pg_ctl does: the file `promote` in its data directory, then SIGUSR1. Resolves when
 * PostgreSQL has removed standby.signal, which is the moment it has left recovery for good.
 */
export async function promote(pgData: string, pid: number, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  const mark = join(pgData, 'standby.signal');
  if (!(await exists(mark))) throw new Error(`${pgData} is not a standby: it has no standby.signal`);
  await writeFile(join(pgData, 'promote'), '', { mode: 0o600 });
  process.kill(pid, 'SIGUSR1');
  const deadline = performance.now() + timeoutMs;
  while (await exists(mark)) {
    if (performance.now() > deadline) throw new Error(`the server was not promoted within ${timeoutMs} ms`);
    await delay(pollMs, undefined, signal === undefined ? {} : { signal });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
