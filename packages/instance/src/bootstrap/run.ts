import { createLoggers, errorText } from '../logger.ts';
import { logOptions, parseArguments } from '../options.ts';
import type { Environment } from '../paths.ts';
import { initCluster } from './init.ts';
import { type Job, openJob } from './job.ts';
import { joinCluster } from './join.ts';
import { copyExternalCluster } from './pgbasebackup.ts';
import { restoreFromArchive } from './restore.ts';
import { restoreFromSnapshot } from './restoresnapshot.ts';
import { quitSidecars } from './sidecars.ts';

/** The verbs of `instance` that fill a volume and end. */
export const bootstrapVerbs: Readonly<Record<string, (job: Job) => Promise<void>>> = {
  init: initCluster,
  join: joinCluster,
  pgbasebackup: copyExternalCluster,
  restore: restoreFromArchive,
  restoresnapshot: restoreFromSnapshot,
};

/**
 * Runs one bootstrap verb to its end; resolves to the exit code of the process. A run that is killed at any point
 * leaves its work under temporary names, which the next run removes.
 */
export async function runBootstrap(verb: string, argv: readonly string[], environment: Environment): Promise<number> {
  const logger = createLoggers(logOptions(parseArguments(argv, []).flags), environment.POD_NAME).named(
    'instance-manager',
  );
  const work = bootstrapVerbs[verb];
  if (work === undefined) {
    logger.error({ verb }, `Unknown verb: one of ${Object.keys(bootstrapVerbs).join(', ')}`);
    return 1;
  }
  const stop = new AbortController();
  const onSignal = () => stop.abort(new Error('the pod was told to end'));
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  const started = performance.now();
  try {
    const job = await openJob({ argv, environment, signal: stop.signal });
    try {
      await work(job);
    } finally {
      job.client.close();
    }
    logger.info({ verb, milliseconds: Math.round(performance.now() - started) }, 'The instance is bootstrapped');
    await quitSidecars();
    return 0;
  } catch (error) {
    logger.error({ verb, error: errorText(error) }, 'The bootstrap failed; the next pod of the Job starts over');
    return 1;
  } finally {
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
  }
}
