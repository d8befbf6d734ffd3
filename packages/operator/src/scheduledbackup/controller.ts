import { labels } from '@matriarch/api';
import { createController, done, isAlreadyExists, keyOf, parseKey, type ReconcileResult } from '@matriarch/kubernetes';
import { kinds } from '../kinds.ts';
import type { Operator } from '../runtime/context.ts';
import { outcomes } from '../runtime/outcomes.ts';
import { decideSchedule } from './decide.ts';

/** Makes Backups when their time has come. */
export async function startScheduledBackupController(operator: Operator, signal: AbortSignal): Promise<void> {
  const { caches } = operator;
  const controller = createController({
    ...outcomes('scheduled-backup', operator),
    reconcile: (key) => reconcile(operator, key),
  });
  caches.scheduledBackups.onChange(({ object }) => controller.enqueue(keyOf(object)));
  caches.backups.onChange(({ object }) => {
    const parent = object.metadata.labels?.[labels.scheduledBackup];
    if (parent) controller.enqueue(`${object.metadata.namespace}/${parent}`);
  });
  for (const scheduled of caches.scheduledBackups.list()) controller.enqueue(keyOf(scheduled));
  await controller.start(signal);
}

/** Longest time that a timer can wait; looking earlier does no harm. */
const longestWaitMs = 3_600_000;

async function reconcile(operator: Operator, key: string): Promise<ReconcileResult> {
  const { caches, client, config, events, now } = operator;
  const { name, namespace = '' } = parseKey(key);
  const scheduled = caches.scheduledBackups.get(namespace, name);
  if (!scheduled) return done;
  const cluster = caches.clusters.get(namespace, scheduled.spec.cluster.name);
  const plan = decideSchedule({ scheduled, cluster, backups: caches.backups.list(namespace), config, now: now() });
  if (plan.create) {
    try {
      caches.backups.observe(await client.create(kinds.backups, plan.create));
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
  if (plan.event) events.event(scheduled, plan.event.type, plan.event.reason, plan.event.message);
  if (plan.status) {
    const patch = { type: 'merge', body: { status: { error: null, ...plan.status } } } as const;
    caches.scheduledBackups.observe(
      await client.patch(kinds.scheduledBackups, { name, namespace }, patch, { subresource: 'status' }),
    );
  }
  const { result } = plan;
  return result.kind === 'requeue' ? { ...result, afterMs: Math.min(result.afterMs, longestWaitMs) } : result;
}
