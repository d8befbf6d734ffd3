/** Server-side apply: merge, prune what the manager gave up, find conflicts, record ownership. */

import { ApiError, badRequest } from '../registry/errors.ts';
import type { ApplyInput } from '../registry/hooks.ts';
import type { ApiObject, JsonObject } from '../registry/types.ts';
import { fieldSetOf, UntypedListError } from './compare.ts';
import { applyConflict, type Conflicts, withoutPaths } from './conflicts.ts';
import { equal } from './json.ts';
import { lastAppliedPaths, synchronised } from './last-applied.ts';
import {
  decodeManagers,
  encodeManagers,
  identity,
  type Manager,
  type Managers,
  timestamp,
  withoutUnowned,
} from './managers.ts';
import { mergeApplied } from './merge.ts';
import { prune } from './remove.ts';
import { difference, EMPTY, isEmpty, union, withoutTrees } from './set.ts';
import { typeErrors } from './typed.ts';
import { changesOf, conflictsOf, emptyOf, foreignPart, identityOf, updated, withoutEntries } from './update.ts';

const KUBECTL = 'kubectl';
const BEFORE_FIRST_APPLY = 'before-first-apply';

export function serverSideApply(input: ApplyInput): { object: ApiObject } {
  check(input);
  const live = emptyOf({ ...input, kind: input.applied.kind });
  const managers = formerManagers(input, live);
  let outcome = attempt(input, live, managers, input.force);
  if (outcome.conflicts.size > 0 && input.manager === KUBECTL) {
    // What client-side apply wrote, as its annotation tells, was kubectl's own.
    const rest = withoutPaths(outcome.conflicts, lastAppliedPaths(live, input.schema));
    outcome = rest.size === 0 ? attempt(input, live, managers, true) : { ...outcome, conflicts: rest };
  }
  if (outcome.conflicts.size > 0) throw applyConflict(outcome.conflicts, managers);
  const object = input.manager === KUBECTL ? synchronised(outcome.object, input.applied) : outcome.object;
  const { managedFields: _former, ...metadata } = object.metadata;
  const entries = encodeManagers(outcome.managers);
  return { object: { ...object, metadata: entries.length === 0 ? metadata : { ...metadata, managedFields: entries } } };
}

function check(input: ApplyInput): void {
  const { applied } = input;
  const version = applied.apiVersion ?? '';
  if (version !== input.apiVersion) {
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${version}, expected: ${input.apiVersion}`,
    );
  }
  if (applied.metadata?.managedFields !== undefined && applied.metadata.managedFields !== null) {
    throw badRequest('metadata.managedFields must be nil');
  }
  const errors = typeErrors(applied as JsonObject, input.schema);
  if (errors.length === 0) return;
  const { namespace = '', name = '' } = applied.metadata ?? {};
  const text = errors.length === 1 ? errors[0] : `errors:\n${errors.map((error) => `  ${error}`).join('\n')}`;
  const kind = `${namespace}/${name}; ${version}, Kind=${applied.kind}`;
  throw new ApiError(500, undefined, `failed to create typed patch object (${kind}): ${text}`);
}

/** An object that nobody is known to manage belongs, as it is, to `before-first-apply`. */
function formerManagers(input: ApplyInput, live: ApiObject): Managers {
  const managers = decodeManagers(live.metadata.managedFields) ?? new Map();
  if (managers.size > 0 || input.live === undefined) return managers;
  const self = { ...identityOf({ ...input, manager: BEFORE_FIRST_APPLY }, 'Update'), time: timestamp(input.now) };
  const empty = emptyOf({ ...input, live: undefined, kind: input.applied.kind });
  return updated(managers, { ...input, next: live }, empty, self);
}

interface Outcome {
  object: ApiObject;
  managers: Managers;
  conflicts: Conflicts;
}

function attempt(input: ApplyInput, live: ApiObject, former: Managers, force: boolean): Outcome {
  const { schema } = input;
  const applied = withoutEntries(input.applied);
  const before = withoutEntries(live);
  const self = identityOf(input, 'Apply');
  const id = identity(self);
  const last = former.get(id);
  const named = withoutTrees(fieldSetOf(applied, schema), foreignPart(input));
  const all = [...former.values()].filter((manager) => identity(manager) !== id);
  const owned = all.reduce((sum, manager) => union(sum, manager.set), named);
  let next: ApiObject;
  try {
    const merged = mergeApplied(before, applied, schema) as JsonObject;
    next = prune(merged, last?.set ?? EMPTY, owned, schema) as unknown as ApiObject;
  } catch (error) {
    if (!(error instanceof UntypedListError)) throw error;
    throw new ApiError(500, undefined, `failed to create typed live object: ${error.message}`);
  }
  const changes = changesOf(live, next, input);
  const conflicts = force ? new Map() : conflictsOf(former, id, changes);
  const taken = union(changes.added, changes.modified);
  const managers = new Map<string, Manager>();
  for (const manager of all) {
    const rest = difference(difference(manager.set, taken), changes.removed);
    if (!isEmpty(rest)) managers.set(identity(manager), { ...manager, set: rest });
  }
  const same = equal(before, next as unknown as JsonObject);
  const time = same ? last?.time : timestamp(input.now);
  managers.set(id, { ...self, time, set: withoutUnowned(difference(named, changes.removed)) });
  return { object: same ? live : next, managers, conflicts };
}
