import { createLoggers, errorText } from '../logger.ts';
import { instanceOptions } from '../options.ts';
import type { Environment } from '../paths.ts';
import { type Job, openJob } from './job.ts';
import { quitSidecars } from './sidecars.ts';

type Work = (job: Job) => Promise<void>;

/** The verbs of `instance` that fill a volume and end; loaded when used, since some bring an object store's client. */
const verbs: Readonly<Record<string, () => Promise<Work>>> = {
  init: async () => (await import('./init.ts')).initCluster,
  join: async () => (await import('./join.ts')).joinCluster,
  pgbasebackup: async () => (await import('./pgbasebackup.ts')).copyExternalCluster,
  restore: async () => (await import('./restore.ts')).restoreFromArchive,
  restoresnapshot: async () => (await import('./restoresnapshot.ts')).restoreFromSnapshot,
};

/**
 * Runs one bootstrap verb to its end; resolves to the exit code of the process. A run that is killed at any point
 * leaves its work under temporary names, which the next run removes.
 */
export async function runBootstrap(verb: string, argv: readonly string[], environment: Environment): Promise<number> {
  const options = instanceOptions(argv, environment);
  const loggers = createLoggers(options.log, options.podName);
  const logger = loggers.named('instance-manager');
  const load = verbs[verb];
  if (load === undefined) {
    logger.error({ verb }, `Unknown verb: one of ${Object.keys(verbs).join(', ')}`);
    return 1;
  }
  const stop = new AbortController();
  const onSignal = () => stop.abort(new Error('the pod was told to end'));
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  const started = performance.now();
  try {
    const work = await load();
    const job = await openJob({ options, loggers, environment, signal: stop.signal });
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
