/**
 * Whether PostgreSQL and its volumes still answer.
 *
 * Each is asked again and again, one question at a time. A question that got no answer for `unresponsiveAfterMs` makes
 * what was asked `silent` or `hung`, counted from the moment of the first question without an answer. An error is an
 * answer: a full or read-only volume answers, and so does a server that has no connection left.
 *
 * Time is the manager's own waking time: what it slept through itself, frozen or on a starved machine, says nothing
 * about others.
 */

/** Shorter pauses happen on healthy machines: a burst of writes, a volume that is being moved. */
export const unresponsiveAfterMs = 10_000;

export interface VolumeHealth {
  readonly path: string;
  /** Since when (milliseconds of the Unix epoch) the volume takes no writes; absent while it does. */
  readonly hungSinceMs?: number;
}

export interface Health {
  readonly postgres: 'answers' | 'silent';
  /** Milliseconds of the Unix epoch; absent while PostgreSQL answers. */
  readonly silentSinceMs?: number;
  readonly volumes: readonly VolumeHealth[];
}

/** How one thing answered so far; times are of the waking clock. */
export interface Answers {
  /** The question that is out now was asked at this time. */
  readonly askedAt?: number;
  /** Of all questions since the last answer, the first was asked at this time. */
  readonly unansweredSince?: number;
}

export const ask = (answers: Answers, awake: number): Answers => ({
  askedAt: awake,
  unansweredSince: answers.unansweredSince ?? awake,
});

/** The question ended: with an answer, or without one, as when a connection could not be made in time. */
export const conclude = (answers: Answers, outcome: 'answer' | 'none'): Answers =>
  outcome === 'answer' || answers.unansweredSince === undefined ? {} : { unansweredSince: answers.unansweredSince };

export interface HealthView {
  /** Answers to each kind of question to PostgreSQL; none while it is not meant to run. */
  readonly postgres: readonly Answers[];
  readonly volumes: readonly { readonly path: string; readonly answers: Answers }[];
  /** Now, on the waking clock and on the wall. */
  readonly awake: number;
  readonly wallMs: number;
}

export function judge({ postgres, volumes, awake, wallMs }: HealthView): Health {
  const since = ({ unansweredSince }: Answers): number | undefined =>
    unansweredSince !== undefined && awake - unansweredSince >= unresponsiveAfterMs
      ? Math.round(wallMs - (awake - unansweredSince))
      : undefined;
  const silent = postgres.map(since).filter((time) => time !== undefined);
  return {
    ...(silent.length > 0 ? { postgres: 'silent', silentSinceMs: Math.min(...silent) } : { postgres: 'answers' }),
    volumes: volumes.map(({ path, answers }) => {
      const hungSinceMs = since(answers);
      return hungSinceMs === undefined ? { path } : { path, hungSinceMs };
    }),
  };
}

export interface Unresponsive {
  /** RFC 3339. */
  readonly unresponsiveSince?: string;
  readonly unresponsiveReason?: string;
}

/** What the status says of it: nothing while all is well. */
export function unresponsive(health: Health): Unresponsive {
  const hung = health.volumes.filter(({ hungSinceMs }) => hungSinceMs !== undefined);
  const times = [health.silentSinceMs, ...hung.map(({ hungSinceMs }) => hungSinceMs)].filter(
    (time) => time !== undefined,
  );
  if (times.length === 0) return {};
  const sentences = [
    ...hung.map(({ path }) => `the volume at ${path} takes no writes`),
    ...(health.postgres === 'silent' ? ['PostgreSQL does not answer'] : []),
  ];
  return { unresponsiveSince: new Date(Math.min(...times)).toISOString(), unresponsiveReason: sentences.join('; ') };
}
