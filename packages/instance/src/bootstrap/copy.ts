import { backoffDelay, sleep } from '@matriarch/kubernetes';
import {
  type BaseBackupProgress,
  type BaseBackupResult,
  ConnectionFailure,
  type ConnectionParameters,
  takeBaseBackup,
} from '@matriarch/postgres';
import { errorText } from '../logger.ts';
import { tablespaceTarget } from '../tablespaces/directories.ts';
import type { Job } from './job.ts';
import { stagingDirectory } from './targets.ts';

/** A source that starts, or a Service whose endpoint is not there yet, is worth waiting for. */
const retryPause = { base: 100, max: 2000 };
const retryForMs = 60_000;

/** Copies a running server into the staging directory, its WAL and tablespaces to their volumes. */
export async function copyServer(job: Job, connection: ConnectionParameters): Promise<BaseBackupResult> {
  const deadline = performance.now() + retryForMs;
  for (let failures = 1; ; failures += 1) {
    try {
      return await copyOnce(job, connection);
    } catch (error) {
      job.signal.throwIfAborted();
      if (performance.now() > deadline || !(error instanceof ConnectionFailure)) throw error;
      job.logger.warn({ error: errorText(error) }, 'The source cannot be reached yet');
      await sleep(backoffDelay(retryPause, failures), job.signal);
    }
  }
}

async function copyOnce(job: Job, connection: ConnectionParameters): Promise<BaseBackupResult> {
  const staging = stagingDirectory(job.options.layout.pgData);
  const started = performance.now();
  const result = await takeBaseBackup(
    {
      connection,
      label: `bootstrap of ${job.options.podName}`,
      pgData: staging,
      walDirectory: job.walDirectory,
      relocate: (location) => tablespaceTarget(location, job.environment),
      checkpoint: 'fast',
      slot: temporarySlot(job.options.podName),
      onProgress: progressLog(job),
    },
    job.signal,
  );
  const milliseconds = Math.round(performance.now() - started);
  job.logger.info(
    { bytes: result.receivedBytes, milliseconds, slotUsed: result.slotUsed },
    'The base backup is complete',
  );
  return result;
}

/** A name that no other slot has: those of instances begin with their prefix. */
function temporarySlot(podName: string): string {
  return `bootstrap_${podName.toLowerCase().replace(/[^a-z0-9_]+/g, '_')}`.slice(0, 63);
}

const progressIntervalMs = 5000;

function progressLog(job: Job): (progress: BaseBackupProgress) => void {
  let last = performance.now();
  return (progress) => {
    if (performance.now() - last < progressIntervalMs) return;
    last = performance.now();
    job.logger.info({ ...progress }, 'The base backup goes on');
  };
}
