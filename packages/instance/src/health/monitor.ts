import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Instance } from '../instance.ts';
import { createAwakeClock } from './awake.ts';
import { type Answers, ask, conclude, type Health, judge, unresponsive } from './health.ts';
import { connectionQuestion, type Question, sessionQuestion, volumeQuestion } from './questions.ts';

export interface HealthMonitor {
  readonly current: Health;
  /** Asks on until the signal is aborted, and keeps `unresponsive` in the manager's state. */
  run(signal: AbortSignal): Promise<void>;
}

interface Asked {
  readonly everyMs: number;
  readonly question: Question;
  answers: Answers;
  lastAt: number;
  /** Answers to questions of an earlier server are not counted. */
  round: number;
}

const tickMs = 500;
const longestStepMs = 2 * tickMs;
/** A process is started for each new connection, and a line written where connections are logged. */
const connectionEveryMs = 5000;
const questionEveryMs = 1000;

/**
 * Watches PostgreSQL and the volumes of the data directory and the WAL. A question that hangs is left alone, and none is
 * asked beside it: each hung write keeps one of the few threads that Node has for files.
 */
export function createHealthMonitor(instance: Instance): HealthMonitor {
  const { layout } = instance.options;
  const clock = createAwakeClock(longestStepMs);
  const asked = (everyMs: number, question: Question): Asked => ({
    everyMs,
    question,
    answers: {},
    lastAt: Number.NEGATIVE_INFINITY,
    round: 0,
  });
  const server = [
    asked(connectionEveryMs, connectionQuestion(layout.run)),
    asked(questionEveryMs, sessionQuestion(instance.database.lane(Number.POSITIVE_INFINITY))),
  ];
  const volumes = new Map<string, Asked>();
  let current: Health = { postgres: 'answers', volumes: [] };

  const watchVolumes = () => {
    const walVolume = instance.cluster.current()?.spec.walStorage === undefined ? [] : [layout.walVolume];
    for (const path of [dirname(layout.pgData), ...walVolume]) {
      if (!volumes.has(path)) volumes.set(path, asked(questionEveryMs, volumeQuestion(path)));
    }
  };

  const look = (): Health => {
    const awake = clock(performance.now());
    watchVolumes();
    const running = instance.lifecycle.state === 'running';
    for (const each of server) running ? askAgain(each, awake) : forget(each);
    for (const each of volumes.values()) askAgain(each, awake);
    return judge({
      postgres: running ? server.map(({ answers }) => answers) : [],
      volumes: [...volumes].map(([path, { answers }]) => ({ path, answers })),
      awake,
      wallMs: Date.now(),
    });
  };

  return {
    get current() {
      return current;
    },
    async run(signal) {
      while (!signal.aborted) {
        current = look();
        tell(instance, unresponsive(current).unresponsiveReason);
        await sleep(tickMs, undefined, { signal }).catch(() => undefined);
      }
    },
  };
}

function tell({ state, logger }: Instance, reason: string | undefined): void {
  if (reason === state.current.unresponsive) return;
  state.update({ unresponsive: reason });
  if (reason === undefined) logger.info({}, 'PostgreSQL and its volumes answer again');
  else logger.error({ reason }, 'Something has not answered for long');
}

function askAgain(each: Asked, awake: number): void {
  if (each.answers.askedAt !== undefined || awake - each.lastAt < each.everyMs) return;
  const { round } = each;
  each.lastAt = awake;
  each.answers = ask(each.answers, awake);
  void each.question().then((outcome) => {
    if (each.round === round) each.answers = conclude(each.answers, outcome);
  });
}

function forget(each: Asked): void {
  if (each.answers.askedAt === undefined && each.answers.unansweredSince === undefined) return;
  each.round += 1;
  each.answers = {};
  each.lastAt = Number.NEGATIVE_INFINITY;
}
