import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, type KubernetesObject, type ResourceType, resources } from '@matriarch/kubernetes';
import { dataDirectory } from '@matriarch/local';
import { clusters } from '../../tests/e2e/support/own-client.ts';
import type { Gap } from './gaps.ts';
import type { System } from './system.ts';

/** Collects when objects changed, so that one can see where the time of an outage went. */
export interface Trace {
  /** Prints what objects and logs tell of the time around a gap, in milliseconds after its last acknowledged write. */
  print(gap: Gap): void;
  stop(): void;
}

interface Entry {
  readonly at: number;
  readonly text: string;
}

const beforeMs = 300;
const afterMs = 300;

export function startTrace(system: System): Trace {
  const end = new AbortController();
  const entries: Entry[] = [];
  const follow = <T extends KubernetesObject>(type: ResourceType<T>, describe: (object: T) => string) =>
    void watch(system.client, type, end.signal, (object) => {
      entries.push({ at: Date.now(), text: `${type.kind} ${object.metadata?.name}: ${describe(object)}` });
    });
  follow(
    clusters,
    ({ status }) => `target ${status?.targetPrimary}, current ${status?.currentPrimary}, ${status?.phase}`,
  );
  follow(resources.leases, ({ spec }) => `holder "${spec?.holderIdentity}"`);
  follow(resources.pods, ({ metadata, status }) => {
    const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    const state = Object.keys(status?.containerStatuses?.[0]?.state ?? {}).join();
    return `role ${metadata?.labels?.['cnpg.io/instanceRole']}, ready ${ready}, ${state}`;
  });
  follow(resources.endpoints, ({ subsets }) =>
    JSON.stringify(subsets?.map(({ addresses }) => addresses?.map(({ ip }) => ip))),
  );
  return {
    print: ({ last, first }) => {
      const origin = Date.now() - performance.now() + last.at;
      const until = origin + (first.at - last.at) + afterMs;
      const all = [
        ...entries,
        ...logEntries(system.matriarch.state),
        { at: origin + first.at - last.at, text: '=== written again' },
      ];
      const shown = all.filter(({ at }) => at >= origin - beforeMs && at <= until).sort((a, b) => a.at - b.at);
      for (const { at, text } of shown) console.error(`${(at - origin).toFixed(0).padStart(7)} ${text}`);
    },
    stop: () => end.abort(),
  };
}

async function watch<T extends KubernetesObject>(
  client: Client,
  type: ResourceType<T>,
  signal: AbortSignal,
  seen: (object: T) => void,
): Promise<void> {
  try {
    for await (const event of client.watch(type, { namespace: 'default', signal })) {
      if (event.type !== 'BOOKMARK') seen(event.object as T);
    }
  } catch (error) {
    if (!signal.aborted) console.error(`the trace of ${type.kind} ended: ${String(error)}`);
  }
}

/** Log lines of all containers. */
function logEntries(state: string): Entry[] {
  const pods = join(dataDirectory(state), 'pods');
  return readdirSync(pods).flatMap((uid) => {
    try {
      const logs = join(pods, uid, 'logs');
      const { name } = JSON.parse(readFileSync(join(pods, uid, 'pod.json'), 'utf8')) as { name: string };
      return readdirSync(logs, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.log'))
        .flatMap((file) =>
          readFileSync(join(logs, file), 'utf8')
            .split('\n')
            .flatMap((line) => parse(name, line)),
        );
    } catch {
      return [];
    }
  });
}

function parse(pod: string, line: string): Entry[] {
  try {
    const { ts, level: _level, logging_pod: _pod, logger: _logger, msg, record, ...rest } = JSON.parse(line);
    const text = record?.message ?? msg;
    const time = record?.log_time ? Date.parse(record.log_time.replace(' UTC', 'Z').replace(' ', 'T')) : Date.parse(ts);
    const more = record === undefined ? JSON.stringify(rest).slice(0, 200) : `(${record.backend_type})`;
    return [{ at: Number.isNaN(time) ? Date.parse(ts) : time, text: `  ${pod}: ${text} ${more}` }];
  } catch {
    return [];
  }
}
