/** Writes Events; the same one again raises the count of the first instead of making another. */
import { createHash } from 'node:crypto';
import { type Api, isForbidden, isNotFound, messageOf } from './api.ts';
import { EVENTS, type Key } from './resources.ts';
import { type Clock, timestamp } from './time.ts';

export interface EventSubject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion?: string;
  readonly fieldPath?: string;
}

export interface EventRecorder {
  record(subject: EventSubject, type: 'Normal' | 'Warning', reason: string, message: string): void;
  /** Resolves when all that was recorded is written. */
  flush(): Promise<void>;
}

export interface RecorderOptions {
  readonly api: Api;
  readonly component: string;
  readonly host?: string;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

const REMEMBERED = 2_000;

interface Seen {
  readonly key: Key;
  count: number;
}

export function createRecorder({ api, component, host, clock, log }: RecorderOptions): EventRecorder {
  const seen = new Map<string, Seen>();
  let sequence = 0;
  let chain: Promise<void> = Promise.resolve();

  const write = async (subject: EventSubject, type: string, reason: string, message: string) => {
    const now = timestamp(clock.now());
    const namespace = subject.namespace || 'default';
    const id = createHash('sha256')
      .update(JSON.stringify([subject, type, reason, message]))
      .digest('hex');
    const known = seen.get(id);
    if (known) {
      known.count += 1;
      try {
        await api.patch(EVENTS, known.key, { count: known.count, lastTimestamp: now });
        return;
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    sequence += 1;
    const suffix = (clock.now() * 4096 + (sequence % 4096)).toString(16);
    const name = `${subject.name}.${suffix}`;
    await api.create(EVENTS, namespace, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: { ...subject },
      type,
      reason,
      message,
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
      source: { component, ...(host === undefined ? {} : { host }) },
      reportingComponent: component,
      reportingInstance: host ?? '',
    });
    seen.set(id, { key: { namespace, name }, count: 1 });
    if (seen.size > REMEMBERED) seen.delete(seen.keys().next().value ?? '');
  };

  return {
    record: (subject, type, reason, message) => {
      chain = chain.then(() =>
        write(subject, type, reason, message).catch((error: unknown) => {
          if (!isForbidden(error) && !isNotFound(error)) log(`event ${reason} not written: ${messageOf(error)}`);
        }),
      );
    },
    flush: () => chain,
  };
}

/** The subject of an event about this object. */
export function subjectOf(
  object: { metadata: { name?: string; namespace?: string; uid?: string; resourceVersion?: string } },
  apiVersion: string,
  kind: string,
  fieldPath?: string,
): EventSubject {
  const { name = '', namespace = '', uid = '' } = object.metadata;
  return { apiVersion, kind, namespace, name, uid, ...(fieldPath === undefined ? {} : { fieldPath }) };
}
