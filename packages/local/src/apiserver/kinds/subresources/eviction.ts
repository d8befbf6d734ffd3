/** `pods/eviction`: deletes a pod unless a disruption budget says no. */
import type { ApiClient } from '../../client.ts';
import { ApiError, badRequest, notFound } from '../../registry/errors.ts';
import type { ApiObject, JsonObject, Subresource, SubresourceCreate } from '../../registry/types.ts';
import type { Core } from '../../verbs/core.ts';
import { timestamp } from '../../verbs/core.ts';
import { deleteObject } from '../../verbs/delete.ts';
import { number, record, records, text } from '../columns/format.ts';
import type { Lookup } from '../lookup.ts';
import { typeSchema } from '../schema/typeschema.ts';
import { selects } from '../validation/selectors.ts';
import { SUCCESS } from './binding.ts';

export interface EvictionParts {
  core: Core;
  lookup: Lookup;
  /** Writes budgets in the server's own name. */
  client(): ApiClient;
}

const BUDGETS = { group: 'policy', version: 'v1', resource: 'poddisruptionbudgets' };
const TABLE = 'policy/poddisruptionbudgets';
const MAX_ATTEMPTS = 10;
const RETRY_SECONDS = 10;

export function evictionSubresource(parts: EvictionParts): Subresource {
  return {
    kind: 'Eviction',
    group: 'policy',
    version: 'v1',
    verbs: ['create'],
    get schema() {
      return typeSchema('policy/v1.Eviction');
    },
    create: (request) => evict(parts, request),
  };
}

async function evict(parts: EvictionParts, request: SubresourceCreate): Promise<ApiObject> {
  const { namespace, name, body } = request;
  const named = text(body.metadata.name);
  if (named !== '' && named !== name) throw badRequest('name in URL does not match name in Eviction object');
  const pod = parts.lookup.get('/pods', namespace, name);
  if (pod === undefined) throw notFound({ group: '', resource: 'pods' }, name);
  if (!isFree(pod)) await spendBudget(parts, request, pod);
  const info = parts.core.registry.find('', 'v1', 'pods');
  if (info === undefined) throw notFound({ group: '', resource: 'pods' }, name);
  const given = record(body.deleteOptions);
  const dryRun = request.context.dryRun || (Array.isArray(given.dryRun) && given.dryRun.includes('All'));
  const options = { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', ...given };
  const write = { context: { ...request.context, dryRun }, options };
  await deleteObject({ core: parts.core, target: { info, namespace, name }, write, options: given });
  return SUCCESS;
}

/** Pods that do no work yet or no more can go whatever the budget says. */
function isFree(pod: ApiObject): boolean {
  const phase = text(record(pod.status).phase);
  return phase !== 'Running' || pod.metadata.deletionTimestamp !== undefined;
}

function isReady(pod: ApiObject): boolean {
  return records(record(pod.status).conditions).some((one) => one.type === 'Ready' && one.status === 'True');
}

async function spendBudget(parts: EvictionParts, request: SubresourceCreate, pod: ApiObject): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const matching = parts.lookup
      .list(TABLE, request.namespace)
      .filter((budget) => selects(record(budget.spec).selector, record(pod.metadata.labels)));
    const [budget, ...more] = matching;
    if (budget === undefined) return;
    if (more.length > 0) {
      const why = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
      throw new ApiError(500, undefined, why);
    }
    if (!isReady(pod) && spareUnready(budget)) return;
    const next = spent(budget, text(pod.metadata.name), timestamp(request.context.now()));
    if (request.context.dryRun) return;
    try {
      await parts.client().updateStatus(BUDGETS, next);
      return;
    } catch (error) {
      const lost = error instanceof ApiError && error.reason === 'Conflict';
      if (!lost || attempt >= MAX_ATTEMPTS) throw error;
    }
  }
}

/** A pod that is not ready costs nothing as long as enough others are healthy. */
function spareUnready(budget: ApiObject): boolean {
  if (record(budget.spec).unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy, desiredHealthy } = record(budget.status);
  return number(desiredHealthy) > 0 && number(currentHealthy) >= number(desiredHealthy);
}

function refusal(message: string, retryAfterSeconds?: number): ApiError {
  return new ApiError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message }],
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

/** The budget after one more disruption; throws ApiError 429 when it allows none. */
function spent(budget: ApiObject, pod: string, now: string): ApiObject {
  const name = text(budget.metadata.name);
  const next = structuredClone(budget);
  const status = record(next.status);
  if (number(status.observedGeneration) < (budget.metadata.generation ?? 0)) {
    throw refusal(`The disruption budget ${name} is still being processed by the server.`, RETRY_SECONDS);
  }
  const allowed = number(status.disruptionsAllowed);
  if (allowed <= 0) {
    const { desiredHealthy, currentHealthy } = status;
    throw refusal(
      `The disruption budget ${name} needs ${number(desiredHealthy)} healthy pods and has ${number(currentHealthy)} currently`,
    );
  }
  const left = allowed - 1;
  const disruptedPods = { ...record(status.disruptedPods), [pod]: now };
  const conditions = left > 0 ? status.conditions : withoutDisruptions(status, number(status.observedGeneration), now);
  next.status = {
    ...status,
    disruptionsAllowed: left,
    disruptedPods,
    ...(conditions === undefined ? {} : { conditions }),
  };
  return next;
}

function withoutDisruptions(status: JsonObject, observedGeneration: number, now: string): JsonObject[] {
  const type = 'DisruptionAllowed';
  const others = records(status.conditions).filter((condition) => condition.type !== type);
  const before = records(status.conditions).find((condition) => condition.type === type);
  const since = before?.status === 'False' ? (before.lastTransitionTime ?? now) : now;
  const reason = 'InsufficientPods';
  return [...others, { type, status: 'False', observedGeneration, lastTransitionTime: since, reason, message: '' }];
}
