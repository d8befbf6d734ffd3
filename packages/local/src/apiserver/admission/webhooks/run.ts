/**
 * Asks the webhooks that a request concerns. Mutating ones are asked one after another, in the order of their names; each
 * sees what those before it made. Validating ones are all asked at once, and the first refusal in their order counts.
 */
import { record, records, strings, text } from '../../kinds/columns/format.ts';
import type { Lookup } from '../../kinds/lookup.ts';
import { same } from '../../kinds/validation/pod.ts';
import { ApiError, internal } from '../../registry/errors.ts';
import type { AdmissionRequest, Hooks } from '../../registry/hooks.ts';
import type { Registry } from '../../registry/registry.ts';
import type { ApiObject, JsonObject } from '../../registry/types.ts';
import type { Caller } from './call.ts';
import { type Match, matchWebhooks } from './match.ts';
import { buildReview, readVerdict, refusalOf, type Verdict } from './review.ts';

export interface WebhookParts {
  lookup: Lookup;
  registry: Registry;
  caller: Caller;
  applyPatch: Hooks['applyPatch'];
  log(message: string, details: { [key: string]: unknown }): void;
}

const GROUP = 'admissionregistration.k8s.io';

function hooksOf(parts: WebhookParts, resource: string): JsonObject[] {
  return parts.lookup.list(`${GROUP}/${resource}`).flatMap((configuration) => records(configuration.webhooks));
}

/** undefined: the call failed, and the webhook says that this does not matter. */
async function ask(
  { hook, info }: Match,
  request: AdmissionRequest,
  parts: WebhookParts,
  mutating: boolean,
): Promise<Verdict | undefined> {
  const name = text(hook.name);
  const version = strings(hook.admissionReviewVersions).find((one) => one === 'v1' || one === 'v1beta1') ?? 'v1';
  const review = buildReview(request, info, version);
  try {
    const answer = await parts.caller.call(hook, review.body, request.context.signal);
    return readVerdict(answer, review.uid, mutating);
  } catch (error) {
    const message = `failed calling webhook ${JSON.stringify(name)}: ${error instanceof Error ? error.message : String(error)}`;
    parts.log('webhook failed', { webhook: name, failurePolicy: hook.failurePolicy, error: message });
    if (hook.failurePolicy === 'Ignore') return undefined;
    throw internal(message);
  }
}

/** Notes the warnings and refuses when the webhook does. */
function heed(verdict: Verdict, hook: JsonObject, request: AdmissionRequest): void {
  for (const warning of verdict.warnings) request.context.warn(warning);
  if (!verdict.allowed) throw refusalOf(text(hook.name), verdict.status);
}

export async function runValidating(request: AdmissionRequest, parts: WebhookParts): Promise<void> {
  const matches = matchWebhooks(
    hooksOf(parts, 'validatingwebhookconfigurations'),
    request,
    parts.registry,
    parts.lookup,
  );
  const outcomes = await Promise.allSettled(matches.map((match) => ask(match, request, parts, false)));
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.status === 'rejected') throw outcome.reason;
    const hook = matches[index]?.hook;
    if (hook !== undefined && outcome.value !== undefined) heed(outcome.value, hook, request);
  }
}

/** Gives whether any webhook changed the object. `refresh` brings the object back into the form of its kind. */
export async function runMutating(
  request: AdmissionRequest,
  parts: WebhookParts,
  refresh: () => void,
): Promise<boolean> {
  const hooks = hooksOf(parts, 'mutatingwebhookconfigurations');
  const seen = new Map<JsonObject, ApiObject | undefined>();
  let changed = false;
  for (const hook of hooks) {
    changed = (await mutateOnce(hook, request, parts, refresh)) || changed;
    seen.set(hook, structuredClone(request.object));
  }
  // Those that ask for it see the object once more when it changed after they had seen it.
  for (const hook of hooks) {
    if (hook.reinvocationPolicy !== 'IfNeeded' || same(seen.get(hook), request.object)) continue;
    changed = (await mutateOnce(hook, request, parts, refresh)) || changed;
  }
  return changed;
}

async function mutateOnce(
  hook: JsonObject,
  request: AdmissionRequest,
  parts: WebhookParts,
  refresh: () => void,
): Promise<boolean> {
  const [match] = matchWebhooks([hook], request, parts.registry, parts.lookup);
  if (match === undefined) return false;
  const verdict = await ask(match, request, parts, true);
  if (verdict === undefined) return false;
  heed(verdict, hook, request);
  if (verdict.patch === undefined || request.object === undefined) return false;
  const before = structuredClone(request.object);
  replace(request.object, patched(request, verdict.patch, parts), request.info);
  refresh();
  return !same(before, request.object);
}

function patched(request: AdmissionRequest, patch: unknown, parts: WebhookParts): JsonObject {
  try {
    return parts.applyPatch(request.object as JsonObject, 'json', patch, request.info.schema);
  } catch (error) {
    throw internal(patchComplaint(patch, request.object as JsonObject, error));
  }
}

/** Which step of the patch could not be done, in the words that clients know. */
function patchComplaint(patch: unknown, object: JsonObject, error: unknown): string {
  const steps = records(patch);
  const failing = steps.find((step) => step.op === 'remove' && missing(object, text(step.path)));
  if (failing !== undefined) {
    const path = text(failing.path);
    const key = path.slice(path.lastIndexOf('/') + 1);
    return `error in remove for path: '${path}': Unable to remove nonexistent key: ${key}: missing value`;
  }
  return error instanceof ApiError || error instanceof Error ? error.message : String(error);
}

function missing(object: JsonObject, path: string): boolean {
  let value: unknown = object;
  for (const part of path.split('/').slice(1)) {
    value = Array.isArray(value) ? value[Number(part)] : record(value)[part.replace(/~1/g, '/').replace(/~0/g, '~')];
    if (value === undefined) return true;
  }
  return false;
}

/** Puts the content of `next` into the object that others hold. Its version stays that of the request. */
function replace(object: ApiObject, next: JsonObject, { kind }: { kind: string }): void {
  const { apiVersion } = object;
  for (const key of Object.keys(object)) delete object[key];
  Object.assign(object, next, { apiVersion, kind });
}
