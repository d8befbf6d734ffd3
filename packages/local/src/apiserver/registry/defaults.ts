/** Hooks of a server to which nothing else was plugged in: for tests of the core alone. */

import type { Hooks } from './hooks.ts';
import type { JsonObject } from './types.ts';

/** RFC 7386. */
function merge(target: unknown, change: unknown): unknown {
  if (typeof change !== 'object' || change === null || Array.isArray(change)) return change;
  const base = typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
  const result = base as { [key: string]: unknown };
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}

export const bareHooks: Hooks = {
  authenticate: () => ({ name: 'admin', groups: ['system:masters', 'system:authenticated'] }),
  impersonate: (user) => user,
  authorize: () => ({ allowed: true, reason: '' }),
  admit: () => Promise.resolve(),
  beforeStore: () => {},
  emptyObject: () => undefined,
  applyPatch: (current, _type, body) => merge(current, body) as JsonObject,
  serverSideApply: ({ live, applied }) => ({ object: merge(live ?? {}, applied) as typeof applied }),
  trackUpdate: ({ next }) => next.metadata.managedFields ?? [],
  strictDecodingErrors: () => [],
};
