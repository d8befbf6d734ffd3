/** What a rule of a role allows, and whether rules together hold what another rule would grant. */
import { record, records, strings } from '../../kinds/columns/format.ts';
import type { Attributes } from '../../registry/hooks.ts';
import type { ApiObject, JsonObject } from '../../registry/types.ts';

export interface Rule {
  verbs: readonly string[];
  apiGroups: readonly string[];
  resources: readonly string[];
  resourceNames: readonly string[];
  nonResourceURLs: readonly string[];
}

export function rulesOf(role: ApiObject | JsonObject): Rule[] {
  return records(record(role).rules).map((rule) => ({
    verbs: strings(rule.verbs),
    apiGroups: strings(rule.apiGroups),
    resources: strings(rule.resources),
    resourceNames: strings(rule.resourceNames),
    nonResourceURLs: strings(rule.nonResourceURLs),
  }));
}

const has = (list: readonly string[], value: string): boolean => list.includes('*') || list.includes(value);

export function allows(rule: Rule, attributes: Omit<Attributes, 'user'>): boolean {
  if (!has(rule.verbs, attributes.verb)) return false;
  const { path } = attributes;
  if (path !== undefined) return rule.nonResourceURLs.some((url) => urlMatches(url, path));
  return (
    has(rule.apiGroups, attributes.group) &&
    resourceAllowed(rule.resources, attributes.resource, attributes.subresource) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(attributes.name))
  );
}

function urlMatches(url: string, path: string): boolean {
  return url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1)));
}

function resourceAllowed(resources: readonly string[], resource: string, subresource: string): boolean {
  if (resources.includes('*')) return true;
  if (subresource === '') return resources.includes(resource);
  return resources.includes(`${resource}/${subresource}`) || resources.includes(`*/${subresource}`);
}

/** The smallest permissions that a rule is made of. */
export function piecesOf(rule: Rule): Rule[] {
  const empty = { apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] };
  const urls = rule.verbs.flatMap((verb) =>
    rule.nonResourceURLs.map((url) => ({ ...empty, verbs: [verb], nonResourceURLs: [url] })),
  );
  const names = rule.resourceNames.length === 0 ? [[]] : rule.resourceNames.map((name) => [name]);
  const resources = rule.apiGroups.flatMap((group) =>
    rule.resources.flatMap((resource) =>
      rule.verbs.flatMap((verb) =>
        names.map((resourceNames) => ({
          ...empty,
          verbs: [verb],
          apiGroups: [group],
          resources: [resource],
          resourceNames,
        })),
      ),
    ),
  );
  return [...urls, ...resources];
}

/** Whether one of the rules grants all of a piece. */
export function covers(rules: readonly Rule[], piece: Rule): boolean {
  return rules.some((rule) => {
    const all = (held: readonly string[], wanted: readonly string[]): boolean => wanted.every((one) => has(held, one));
    if (!all(rule.verbs, piece.verbs)) return false;
    if (piece.nonResourceURLs.length > 0) {
      return piece.nonResourceURLs.every((url) => rule.nonResourceURLs.some((held) => urlMatches(held, url)));
    }
    const namesHeld =
      rule.resourceNames.length === 0 ||
      (piece.resourceNames.length > 0 && piece.resourceNames.every((name) => rule.resourceNames.includes(name)));
    return all(rule.apiGroups, piece.apiGroups) && coversResources(rule, piece) && namesHeld;
  });
}

function coversResources(rule: Rule, piece: Rule): boolean {
  return piece.resources.every((resource) => {
    if (has(rule.resources, resource)) return true;
    const slash = resource.indexOf('/');
    return slash > 0 && rule.resources.includes(`*${resource.slice(slash)}`);
  });
}

/** Rules in the form of messages, joined by verb and sorted. */
export function shownRules(pieces: readonly Rule[]): string[] {
  const merged = new Map<string, { rule: Rule; verbs: string[] }>();
  for (const piece of pieces) {
    const key = JSON.stringify([piece.apiGroups, piece.resources, piece.resourceNames, piece.nonResourceURLs]);
    const entry = merged.get(key) ?? { rule: piece, verbs: [] };
    entry.verbs.push(...piece.verbs);
    merged.set(key, entry);
  }
  return [...merged.values()].map(({ rule, verbs }) => shown({ ...rule, verbs: [...new Set(verbs)] })).sort();
}

function shown(rule: Rule): string {
  const parts: (readonly [string, readonly string[]])[] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['ResourceNames', rule.resourceNames],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['Verbs', rule.verbs],
  ];
  const texts = parts
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => `${name}:[${values.map((value) => JSON.stringify(value)).join(' ')}]`);
  return `{${texts.join(', ')}}`;
}
