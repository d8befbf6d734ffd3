import { createHash } from 'node:crypto';
import type { Event, ObjectReference } from 'kubernetes-types/core/v1.d.ts';
import type { Client } from '../client/client.ts';
import { isNotFound } from '../errors.ts';
import type { KubernetesObject } from '../resource.ts';
import { resources } from '../resources.ts';

export interface EventRecorder {
  /** Writes an event on `object`, or raises the count of the same one. Never throws; order is kept. */
  event(object: KubernetesObject, type: 'Normal' | 'Warning', reason: string, message: string): void;
  /** Resolves when all events so far have been sent. */
  flush(): Promise<void>;
}

interface Known {
  name: string;
  namespace: string;
  count: number;
}

const keptEvents = 1024;

/** `source.component` is what `kubectl describe` shows under From. */
export function createEventRecorder(
  client: Client,
  source: { component: string; host?: string },
  options: { onError?: (error: unknown) => void; now?: () => number } = {},
): EventRecorder {
  const now = options.now ?? Date.now;
  const known = new Map<string, Known>();
  let queue = Promise.resolve();
  let lastStamp = 0n;

  // Names sort as the events came about, which is the order `kubectl describe` shows within one second.
  const stamp = () => {
    const nanoseconds = BigInt(now()) * 1_000_000n;
    lastStamp = nanoseconds > lastStamp ? nanoseconds : lastStamp + 1n;
    return lastStamp.toString(16);
  };

  async function send(
    reference: ObjectReference,
    fields: { type: string; reason: string; message: string },
    at: string,
  ) {
    const key = createHash('sha1')
      .update(JSON.stringify([reference.uid, reference.name, fields]))
      .digest('base64');
    const earlier = known.get(key);
    if (earlier && (await raise(client, earlier, at))) return;
    const namespace = reference.namespace ?? 'default';
    const name = `${reference.name ?? ''}.${stamp()}`;
    const event: Event = {
      metadata: { name, namespace },
      involvedObject: reference,
      ...fields,
      source,
      reportingComponent: source.component,
      reportingInstance: source.host ?? '',
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
    };
    await client.create(resources.events, event);
    known.delete(key);
    known.set(key, { name, namespace, count: 1 });
    const [oldest] = known.keys();
    if (known.size > keptEvents && oldest !== undefined) known.delete(oldest);
  }

  return {
    event(object, type, reason, message) {
      const reference = referenceTo(object);
      const at = `${new Date(now()).toISOString().slice(0, 19)}Z`;
      queue = queue
        .then(() => send(reference, { type, reason, message }, at))
        .catch((error: unknown) => options.onError?.(error));
    },
    flush: () => queue,
  };
}

/** Counts an event up; false when it is gone and must be written anew. */
async function raise(client: Client, event: Known, at: string): Promise<boolean> {
  const count = event.count + 1;
  try {
    await client.patch(resources.events, event, { type: 'merge', body: { count, lastTimestamp: at } });
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
  event.count = count;
  return true;
}

function referenceTo(object: KubernetesObject): ObjectReference {
  const { name, namespace, uid, resourceVersion } = object.metadata ?? {};
  return {
    ...(object.kind ? { kind: object.kind } : {}),
    ...(object.apiVersion ? { apiVersion: object.apiVersion } : {}),
    ...(name ? { name } : {}),
    ...(namespace ? { namespace } : {}),
    ...(uid ? { uid } : {}),
    ...(resourceVersion ? { resourceVersion } : {}),
  };
}
