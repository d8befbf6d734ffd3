/** Which names a definition gets: those that no other definition or built-in kind of its group has. */

import type { ResourceInfo } from '../registry/types.ts';
import { type Condition, conditionStatus, type Definition, type Names } from './definition.ts';

type Verdict = Omit<Condition, 'lastTransitionTime'>;

export interface NamesDecision {
  acceptedNames: Names;
  conditions: Verdict[];
}

interface Taken {
  resources: Set<string>;
  kinds: Set<string>;
}

/** `others`: the other definitions; `builtin`: the kinds of the same group that are not from definitions. */
export function decideNames(
  definition: Definition,
  others: readonly Definition[],
  builtin: readonly ResourceInfo[],
): NamesDecision {
  const taken = takenNames(definition, others, builtin);
  const { names } = definition.spec;
  const accepted: Names = { ...definition.status.acceptedNames };
  let conflict: Verdict | undefined;
  const claim = (reason: string, wanted: readonly string[], pool: Set<string>, accept: () => void): void => {
    const used = wanted.filter((name) => pool.has(name));
    if (used.length === 0) accept();
    else
      conflict = verdict(
        'NamesAccepted',
        'False',
        reason,
        used.map((name) => `"${name}" is already in use`).join(', '),
      );
  };
  const { plural, singular, shortNames, kind, listKind, categories } = names;
  claim('PluralConflict', [plural], taken.resources, () => Object.assign(accepted, { plural }));
  claim('SingularConflict', singular === undefined ? [] : [singular], taken.resources, () =>
    Object.assign(accepted, { singular }),
  );
  claim('ShortNamesConflict', shortNames ?? [], taken.resources, () => Object.assign(accepted, { shortNames }));
  claim('KindConflict', [kind], taken.kinds, () => Object.assign(accepted, { kind }));
  claim('ListKindConflict', listKind === undefined ? [] : [listKind], taken.kinds, () =>
    Object.assign(accepted, { listKind }),
  );
  Object.assign(accepted, { categories });
  return { acceptedNames: ordered(accepted), conditions: [...verdicts(definition, conflict)] };
}

function verdict(type: string, status: string, reason: string, message: string): Verdict {
  return { type, status, reason, message };
}

function* verdicts(definition: Definition, conflict: Verdict | undefined): Generator<Verdict> {
  yield conflict ?? verdict('NamesAccepted', 'True', 'NoConflicts', 'no conflicts found');
  if (conditionStatus(definition, 'Established') === 'True') return;
  yield conflict === undefined
    ? verdict('Established', 'True', 'InitialNamesAccepted', 'the initial names have been accepted')
    : verdict('Established', 'False', 'NotAccepted', 'not all names are accepted');
}

function takenNames(definition: Definition, others: readonly Definition[], builtin: readonly ResourceInfo[]): Taken {
  const taken: Taken = { resources: new Set(), kinds: new Set() };
  const { group } = definition.spec;
  for (const other of others) {
    if (other.spec.group !== group || other.metadata.name === definition.metadata.name) continue;
    const { plural, singular = '', shortNames = [], kind, listKind = '' } = other.status.acceptedNames;
    for (const name of [plural, singular, ...shortNames]) if (name !== '') taken.resources.add(name);
    for (const name of [kind, listKind]) if (name !== '') taken.kinds.add(name);
  }
  for (const info of builtin) {
    if (info.group !== group || info.custom === true) continue;
    for (const name of [info.resource, info.singular, ...info.shortNames]) taken.resources.add(name);
    for (const name of [info.kind, info.listKind]) taken.kinds.add(name);
  }
  return taken;
}

function ordered(names: Names): Names {
  const { plural, singular, shortNames, kind, listKind, categories } = names;
  return {
    plural,
    ...(singular === undefined ? {} : { singular }),
    ...(shortNames === undefined ? {} : { shortNames }),
    kind,
    ...(listKind === undefined ? {} : { listKind }),
    ...(categories === undefined ? {} : { categories }),
  };
}
