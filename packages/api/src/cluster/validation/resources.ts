// Rules on the resources and the environment of the PostgreSQL container.
import { each, type FieldError, forbidden, invalid } from '../../validation/errors.ts';
import { parsePostgresSize } from '../../values/postgres.ts';
import { parseQuantity, type Quantity } from '../../values/quantity.ts';
import { effectiveParameters } from '../parameters/merge.ts';
import type { ClusterSpec } from '../schema/spec.ts';
import type { ClusterRule } from './rule.ts';

type Amounts = ReadonlyMap<string, Quantity>;

function amounts(given: Readonly<Record<string, string | number>> | undefined): Amounts {
  return new Map(Object.entries(given ?? {}).map(([name, value]) => [name, parseQuantity(value) ?? 0n]));
}
const requestsAndLimits = ({ resources }: ClusterSpec): readonly [Amounts, Amounts] => [
  amounts(resources?.requests),
  amounts(resources?.limits),
];
const hugePages = (given: Amounts) => [...given].filter(([name]) => name.startsWith('hugepages-'));

/** Where a request that is too large is reported: by its own name, but for the volume of the node. */
const requestPath = (name: string) => `spec.resources.requests.${name === 'ephemeral-storage' ? 'storage' : name}`;

export const requestsWithinLimits: ClusterRule = ({ spec }) => {
  const [requests, limits] = requestsAndLimits(spec);
  return ['cpu', 'memory', 'ephemeral-storage'].flatMap((name): FieldError[] => {
    const [request = 0n, limit = 0n] = [requests.get(name), limits.get(name)];
    if (request === 0n || limit === 0n || request <= limit) return [];
    const detail = `lower the ${name} request to its limit (${String(spec.resources?.limits?.[name])}) or raise the limit`;
    return [invalid(requestPath(name), spec.resources?.requests?.[name], detail)];
  });
};

export const hugePagesEqual: ClusterRule = ({ spec }) => {
  const [requests, limits] = requestsAndLimits(spec);
  return hugePages(requests)
    .filter(([name, request]) => limits.has(name) && limits.get(name) !== request)
    .map(([name]) => {
      const detail = `make it equal to its limit (${String(spec.resources?.limits?.[name])})`;
      return invalid(`spec.resources.requests.${name}`, spec.resources?.requests?.[name], detail);
    });
};

export const hugePagesNotAlone: ClusterRule = ({ spec }) => {
  const given = requestsAndLimits(spec);
  if (given.every((resources) => hugePages(resources).length === 0)) return [];
  const hasOther = given.some((resources) => resources.has('cpu') || resources.has('memory'));
  return hasOther ? [] : [forbidden('spec.resources', 'add a request or limit of cpu or memory beside the huge pages')];
};

export const sharedBuffersFit: ClusterRule = ({ cluster, spec }) => {
  const [requests, limits] = requestsAndLimits(spec);
  const memory = requests.get('memory') ?? 0n;
  const text = effectiveParameters(cluster).shared_buffers ?? '';
  const buffers = parsePostgresSize(text);
  if (buffers === undefined || memory === 0n || buffers <= memory) return [];
  const fits = [...hugePages(requests), ...hugePages(limits)].some(([, amount]) => amount >= buffers);
  const detail = `request at least as much memory as shared_buffers (${text}), or lower shared_buffers`;
  return fits ? [] : [invalid('spec.resources.requests', spec.resources?.requests?.memory, detail)];
};

/** Whether the instance manager needs this environment variable for itself. */
export function isReservedVariable(name: string): boolean {
  const upper = name.toUpperCase();
  return /^(CNPG_|PG)/.test(upper) || ['POD_NAME', 'NAMESPACE', 'CLUSTER_NAME'].includes(upper);
}

export const environment: ClusterRule = ({ spec }) =>
  each(spec.env, ({ name }, index) => {
    const detail =
      'choose another name: CNPG_*, PG*, POD_NAME, NAMESPACE and CLUSTER_NAME belong to the instance manager';
    return isReservedVariable(name) ? [invalid(`spec.postgresql.env[${index}].name`, name, `spec.env: ${detail}`)] : [];
  });

export const resourceRules: readonly ClusterRule[] = [
  requestsWithinLimits,
  hugePagesEqual,
  hugePagesNotAlone,
  sharedBuffersFit,
  environment,
];
