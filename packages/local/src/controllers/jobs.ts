/** Runs Jobs, and removes them some time after their end where they ask for it. */
import type { Job } from 'kubernetes-types/batch/v1.d.ts';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import { ignoreNotFound } from '../runtime/api.ts';
import { createController, ownKey } from '../runtime/controller.ts';
import { subjectOf } from '../runtime/events.ts';
import { JOBS, type Key, keyOf, PODS, type Stored } from '../runtime/resources.ts';
import {
  type ControllerContext,
  claimPods,
  controllerKey,
  controllerReference,
  isSame,
  podFromTemplate,
  type Running,
} from './common.ts';
import { isJobFinished, planJob, TRACKING } from './job-decide.ts';

export function startJobs(context: ControllerContext): Running {
  const { api, caches, clock, log } = context;
  const jobs = caches.of(JOBS);
  const pods = caches.of(PODS);
  const events = context.events('job-controller');

  const release = async (pod: Stored<Pod>) => {
    const finalizers = (pod.metadata.finalizers ?? []).filter((name) => name !== TRACKING);
    await ignoreNotFound(
      api.patch(PODS, keyOf(pod), {
        metadata: { uid: pod.metadata.uid, finalizers: finalizers.length > 0 ? finalizers : null },
      }),
    );
  };
  const createPod = async (job: Stored<Job>) => {
    const { namespace = '' } = job.metadata;
    const pod = podFromTemplate(job.spec?.template ?? {}, namespace, controllerReference(job, 'batch/v1', 'Job'));
    const finalizers = [...(pod.metadata?.finalizers ?? []), TRACKING];
    const created = await api.create(PODS, namespace, { ...pod, metadata: { ...pod.metadata, finalizers } });
    events.record(
      subjectOf(job, 'batch/v1', 'Job'),
      'Normal',
      'SuccessfulCreate',
      `Created pod: ${created.metadata.name}`,
    );
  };
  /** The Job is gone or going: its pods must not wait for being counted. */
  const releaseOrphans = async (key: Key) => {
    for (const pod of pods.list(key.namespace)) {
      if (pod.metadata.finalizers?.includes(TRACKING) && controllerKey(pod, 'Job')[0]?.name === key.name)
        await release(pod);
    }
  };

  const reconcile = async (key: Key): Promise<number | undefined> => {
    const job = jobs.get(key);
    if (!job || job.metadata.deletionTimestamp !== undefined) {
      await releaseOrphans(key);
      return undefined;
    }
    const owned = await claimPods(api, pods, job, controllerReference(job, 'batch/v1', 'Job'));
    const now = clock.now();
    const plan = planJob(job, owned, now);
    let current = job;
    if (!isSame(plan.status, job.status))
      current = await api.updateSubresource(JOBS, { ...job, status: plan.status }, 'status');
    await Promise.all([
      ...plan.release.map(release),
      ...Array.from({ length: plan.create }, () => createPod(current)),
      ...plan.remove.map((pod) => ignoreNotFound(api.delete(PODS, keyOf(pod), { uid: pod.metadata.uid }))),
    ]);
    if (plan.event)
      events.record(subjectOf(job, 'batch/v1', 'Job'), plan.event.type, plan.event.reason, plan.event.message);
    return plan.again ?? (await expire(current, now));
  };
  const expire = async (job: Stored<Job>, now: number): Promise<number | undefined> => {
    const ttl = job.spec?.ttlSecondsAfterFinished;
    if (ttl === undefined || !isJobFinished(job)) return undefined;
    const finished = job.status?.conditions?.find(({ type }) => type === 'Complete' || type === 'Failed');
    const left = Date.parse(finished?.lastTransitionTime ?? '') + ttl * 1000 - now;
    if (left > 0) return left;
    await ignoreNotFound(api.delete(JOBS, keyOf(job), { uid: job.metadata.uid, propagationPolicy: 'Foreground' }));
    return undefined;
  };

  const controller = createController('jobs', reconcile, log);
  controller.watch(jobs, ownKey);
  controller.watch(pods, ({ object, previous }) => {
    const pod = object ?? previous;
    return pod ? controllerKey(pod, 'Job') : [];
  });
  return controller;
}
