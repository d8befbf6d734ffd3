/** The refusal of an apply that would change what others own. */

import { ApiError } from '../registry/errors.ts';
import type { Manager, Managers } from './managers.ts';
import { pathText } from './path.ts';
import { difference, type FieldSet, isEmpty, paths } from './set.ts';

/** The paths in conflict by identity of their manager. */
export type Conflicts = ReadonlyMap<string, FieldSet>;

export function withoutPaths(conflicts: Conflicts, allowed: FieldSet): Conflicts {
  const rest = new Map<string, FieldSet>();
  for (const [id, set] of conflicts) {
    const others = difference(set, allowed);
    if (!isEmpty(others)) rest.set(id, others);
  }
  return rest;
}

export function applyConflict(conflicts: Conflicts, managers: Managers): ApiError {
  const found = [...conflicts].map(([id, set]) => ({
    manager: describe(managers.get(id)),
    paths: [...paths(set)].map(pathText).sort(),
  }));
  const causes = found.flatMap(({ manager, paths }) =>
    paths.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${manager}`, field })),
  );
  return new ApiError(409, 'Conflict', message(found, causes.length), { causes });
}

function message(found: readonly { manager: string; paths: readonly string[] }[], count: number): string {
  const [first] = found;
  if (count === 1) return `Apply failed with 1 conflict: conflict with ${first?.manager}: ${first?.paths[0]}`;
  const parts = [...found]
    .sort((a, b) => (a.manager < b.manager ? -1 : 1))
    .map(({ manager, paths }) => [`conflicts with ${manager}:`, ...paths.map((path) => `- ${path}`)].join('\n'));
  return `Apply failed with ${count} conflicts: ${parts.join('\n')}`;
}

function describe(manager: Manager | undefined): string {
  if (manager === undefined) return '""';
  const where = manager.subresource === '' ? '' : ` with subresource ${JSON.stringify(manager.subresource)}`;
  const version = manager.operation === 'Update' ? ` using ${manager.apiVersion}` : '';
  return `${JSON.stringify(manager.name)}${where}${version}`;
}
