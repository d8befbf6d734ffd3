/**
 * The way of a former primary back into its cluster, as a standby.
 *
 * It waits until another instance is the primary and asks that one for its timeline and history. What is done then is
 * decided in decide.ts, and told by an event in every case. standby.signal is written last, so a crash anywhere leaves
 * a former primary that starts again from the top.
 */
import { join } from 'node:path';
import type { Cluster } from '@matriarch/api';
import { done, type ReconcileResult, requeue } from '@matriarch/kubernetes';
import { type ConnectionParameters, readControlData } from '@matriarch/postgres';
import type { Archiving } from '../archive/archiving.ts';
import { extensionEnvironment } from '../configuration/extensions.ts';
import { conninfoToPrimary, standbyOverride } from '../configuration/files.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';
import { copyFromPrimary } from './copy.ts';
import { decideRejoin, type RejoinPlan } from './decide.ts';
import { removeMark, setMark } from './mark.ts';
import { observeRejoin } from './observe.ts';
import { lastError, type RewindOptions, recoverFromCrash, rehearse, rewind } from './rewind.ts';
import { markStandby } from './role.ts';
import { askNewPrimary, type NewPrimary } from './source.ts';

/** How often an instance that has no room looks whether it has some now. */
const blockedMs = 5000;
const askAgainMs = 200;

/** Reasons of the events that tell what is done. */
const reasons = {
  follow: ['Normal', 'RejoiningAsIs'],
  rewind: ['Normal', 'RejoiningByRewind'],
  copy: ['Warning', 'RejoiningByCopy'],
  blocked: ['Warning', 'RejoinBlocked'],
} as const;

interface Rejoin {
  readonly instance: Instance;
  readonly cluster: Cluster;
  readonly conninfo: ConnectionParameters;
  readonly primary: NewPrimary;
  readonly signal: AbortSignal;
}

/** Undefined = the data directory is a standby's now. */
export async function rejoin(
  instance: Instance,
  archiving: Archiving,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ReconcileResult | undefined> {
  const { currentPrimary = '', targetPrimary = '' } = cluster.status ?? {};
  if (currentPrimary !== targetPrimary || currentPrimary === '') {
    return requeue(1000, 'this former primary waits until another instance has been promoted');
  }
  instance.state.update({ rewinding: true });
  try {
    const conninfo = await conninfoToPrimary(instance, cluster);
    let primary: NewPrimary;
    try {
      primary = await askNewPrimary(conninfo);
    } catch (error) {
      instance.logger.info({ error: errorText(error) }, 'The new primary cannot be asked yet');
      return requeue(askAgainMs, 'the new primary does not answer yet');
    }
    await archiving.archiveRest(cluster, signal);
    const result = await carryOut({ instance, cluster, conninfo, primary, signal });
    return result.kind === 'done' ? undefined : result;
  } finally {
    instance.state.update({ rewinding: false });
  }
}

/** Observes, then does what is decided; each round adds a fact, until the data is a standby's. */
async function carryOut(context: Rejoin): Promise<ReconcileResult> {
  const { instance, cluster, conninfo, primary, signal } = context;
  const { pgData } = instance.options.layout;
  const control = await readControlData(pgData);
  if (control.systemIdentifier !== primary.systemIdentifier) {
    throw new Error(
      `the primary has system identifier ${primary.systemIdentifier}, this data directory ${control.systemIdentifier}: they are not of one cluster`,
    );
  }
  let view = await observeRejoin(instance, cluster, control, primary);
  for (;;) {
    const plan = decideRejoin(view);
    tell(instance, cluster, plan);
    switch (plan.kind) {
      case 'follow':
        await becomeStandby(context);
        return done;
      case 'rehearse':
        // It reads the timeline of the primary from its last checkpoint, which a new primary makes at once.
        if (primary.checkpointTimeline !== primary.timeline) {
          return requeue(askAgainMs, 'the new primary has not made a checkpoint yet');
        }
        view = { ...view, rehearsal: await prepareRewind(context, plan.program, control.state) };
        break;
      case 'rewind': {
        const rewindFailure = await tryRewind(context, plan.program);
        if (rewindFailure === undefined) return done;
        view = { ...view, rewindFailure, cutOff: true };
        break;
      }
      case 'copy':
        await copyFromPrimary(instance, cluster, conninfo, plan.order, signal);
        return done;
      case 'blocked':
        return requeue(blockedMs, plan.message);
    }
  }
}

function tell({ events, logger, state }: Instance, cluster: Cluster, plan: RejoinPlan): void {
  if (plan.kind === 'rehearse') return;
  const [type, reason] = reasons[plan.kind];
  logger[type === 'Normal' ? 'info' : 'warn']({ how: plan.kind }, plan.message);
  if (plan.kind === 'blocked' && state.current.problem === plan.message) return;
  state.update({ problem: plan.kind === 'blocked' ? plan.message : undefined });
  events.event(cluster, type, reason, plan.message);
}

function rewindOptions({ instance, cluster, conninfo }: Rejoin, program: string): RewindOptions {
  const { layout } = instance.options;
  const environment = { ...instance.environment, ...extensionEnvironment(cluster, layout, instance.environment) };
  return { program, pgData: layout.pgData, source: conninfo, loggers: instance.loggers, environment };
}

async function prepareRewind(context: Rejoin, program: string, state: Parameters<typeof recoverFromCrash>[1]) {
  const { instance, cluster, signal } = context;
  const options = rewindOptions(context, program);
  // pg_rewind asks PostgreSQL for the restore_command, to fetch WAL that is only in the archive.
  const override = await standbyOverride(instance, cluster, 'rewind');
  await writeFileAtomic(join(options.pgData, 'override.conf'), override);
  try {
    await recoverFromCrash(options, state, signal);
  } catch (error) {
    signal.throwIfAborted();
    return { kind: 'impossible', reason: `crash recovery failed: ${lastError(errorText(error))}` } as const;
  }
  return rehearse(options, signal);
}

/** Resolves to why it failed. */
async function tryRewind(context: Rejoin, program: string): Promise<string | undefined> {
  const options = rewindOptions(context, program);
  await setMark(options.pgData);
  try {
    await rewind(options, context.signal);
  } catch (error) {
    context.signal.throwIfAborted();
    return lastError(errorText(error));
  }
  await becomeStandby(context);
  await removeMark(options.pgData);
  return undefined;
}

async function becomeStandby({ instance, cluster }: Rejoin): Promise<void> {
  const { pgData } = instance.options.layout;
  await writeFileAtomic(join(pgData, 'override.conf'), await standbyOverride(instance, cluster, 'stream'));
  await markStandby(pgData);
}
