/**
 * A second pair of eyes on the right of a primary to write: a small shell process beside the manager
 * (`deploy/image/manager`, verb `watchdog`), for a manager that is frozen, or starved, while PostgreSQL is not.
 *
 * The manager writes into a file until when PostgreSQL may run, in seconds since the machine started (/proc/uptime, which
 * both read; it goes on while processes are stopped). When that time is over the watchdog kills PostgreSQL with all its
 * processes. It ends with the postmaster that it was started for. If the manager is killed alone, it does its work the
 * more.
 */
import { spawn } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorText, type Logger } from '../logger.ts';
import type { Layout } from '../paths.ts';

export interface Watchdog {
  /** Watches a server from now on. The first time it may run until must have been told. */
  watch(pid: number): void;
  /** PostgreSQL may run so much longer from now on. */
  extend(remainingMs: number): void;
}

/** More than a cluster lives; a single instance may always write. */
const unlimitedSeconds = 1e9;
const rewriteMs = 500;

export function createWatchdog(layout: Layout, logger: Logger): Watchdog {
  const file = join(layout.run, '.authority');
  let writtenAt = Number.NEGATIVE_INFINITY;

  return {
    watch(pid) {
      if (process.platform !== 'linux') return;
      const child = spawn(layout.manager, ['watchdog', layout.pgData, String(pid), file], { stdio: 'ignore' });
      child.on('error', (error) => logger.error({ error: errorText(error) }, 'The watchdog could not be started'));
      child.unref();
    },
    extend(remainingMs) {
      const now = performance.now();
      if (process.platform !== 'linux' || now - writtenAt < rewriteMs) return;
      writtenAt = now;
      const seconds = Number.isFinite(remainingMs) ? Math.max(0, remainingMs) / 1000 : unlimitedSeconds;
      try {
        // Whoever reads it sees the old time or the new one. It need not outlive the machine.
        writeFileSync(`${file}.new`, `${Math.floor(uptimeSeconds() + seconds)}\n`, { mode: 0o600 });
        renameSync(`${file}.new`, file);
      } catch (error) {
        // The watchdog then ends PostgreSQL when the time is over that it knows of.
        logger.error({ error: errorText(error) }, 'The time until which PostgreSQL may run could not be written');
      }
    },
  };
}

function uptimeSeconds(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
}
