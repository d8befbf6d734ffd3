import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isSegmentName, nextSegment } from '@matriarch/objectstore';
import { errorText } from '../logger.ts';

export interface RestorerDependencies {
  readonly spool: string;
  readonly maxParallel: number;
  readonly lastTimeline: number;
  readonly strict: boolean;
  readonly segmentSize: () => Promise<number>;
  /** Fetches a file; false = the archive does not hold it. */
  readonly fetch: (name: string, destination: string, patience?: Patience) => Promise<boolean>;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/** How long a store may take. */
export interface Patience {
  /** Until it has said whether it holds the file. */
  readonly find: AbortSignal;
  readonly fetch: AbortSignal;
}

export interface Restorer {
  /** The answer for the script: `ok`, `missing`, `error TEXT` or `abort TEXT`. */
  request(name: string, destination: string, readAhead: boolean): Promise<string>;
}

/** Files fetched ahead must not fill the volume when nobody asks for them. */
const mostAhead = 16;

/**
 * A standby that can stream, or is to be promoted, must not be held up for long by a store that does not answer: a
 * fetch has its time, and after a failure the answer is the same for a moment without asking. A recovery waits as long
 * as it takes.
 */
const findPatienceMs = 6000;
const fetchPatienceMs = 45_000;
const restMs = 10_000;

/** Fetches what PostgreSQL asks for, and the following segments into the spool while it replays. */
export function createRestorer(dependencies: RestorerDependencies): Restorer {
  const underWay = new Map<string, Promise<boolean>>();
  let failure: { readonly until: number; readonly answer: string } | undefined;

  const ahead = (name: string): void => {
    if (underWay.has(name)) return;
    const temporary = join(dependencies.spool, `${name}.tmp`);
    const task = dependencies
      .fetch(name, temporary)
      .then(async (found) => {
        if (found) await rename(temporary, join(dependencies.spool, name));
        return found;
      })
      .catch(() => false)
      .finally(() => underWay.delete(name));
    underWay.set(name, task);
  };

  const readAheadOf = async (name: string): Promise<void> => {
    const count = Math.min(dependencies.maxParallel - 1, mostAhead);
    if (count <= 0 || !isSegmentName(name)) return;
    const size = await dependencies.segmentSize();
    const there = new Set(await readdir(dependencies.spool));
    let next = name;
    for (let index = 0; index < count; index += 1) {
      next = nextSegment(next, size);
      if (!there.has(next)) ahead(next);
    }
  };

  const take = async (name: string, destination: string): Promise<boolean> => {
    // A fetch that runs ahead is nearer to its end than a new one.
    const running = underWay.get(name);
    if (running !== undefined && (await running)) {
      await rename(join(dependencies.spool, name), destination);
      return true;
    }
    return dependencies.fetch(name, destination, dependencies.strict ? undefined : patience());
  };

  const failed = (error: unknown): string => {
    if (dependencies.strict) return `abort ${errorText(error)}`;
    const answer = `error ${errorText(error)}`;
    failure = { until: dependencies.now() + restMs, answer };
    return answer;
  };

  return {
    async request(name, destination, readAhead) {
      if (isLaterHistory(name, dependencies.lastTimeline)) return 'missing';
      if (failure !== undefined && dependencies.now() < failure.until) return failure.answer;
      try {
        await mkdir(dependencies.spool, { recursive: true, mode: 0o700 });
        const found = await take(name, destination);
        if (found && readAhead) void readAheadOf(name).catch(() => undefined);
        return found ? 'ok' : 'missing';
      } catch (error) {
        await rm(join(dependencies.spool, `${name}.tmp`), { force: true });
        return failed(error);
      }
    },
  };
}

function patience(): Patience {
  return { find: AbortSignal.timeout(findPatienceMs), fetch: AbortSignal.timeout(fetchPatienceMs) };
}

/** A standby must not jump to a timeline that its own cluster has not reached. */
export function isLaterHistory(name: string, lastTimeline: number): boolean {
  const match = /^([0-9A-F]{8})\.history$/.exec(name);
  return match !== null && lastTimeline > 0 && Number.parseInt(match[1] ?? '', 16) > lastTimeline;
}
