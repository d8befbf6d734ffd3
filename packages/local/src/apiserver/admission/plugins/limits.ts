/** LimitRanges: containers get their defaults, and what is out of bounds is refused. */
import { record, records, text } from '../../kinds/columns/format.ts';
import type { Lookup } from '../../kinds/lookup.ts';
import { compareQuantities } from '../../kinds/schema/quantity.ts';
import { forbidden } from '../../registry/errors.ts';
import type { AdmissionRequest } from '../../registry/hooks.ts';
import type { JsonObject } from '../../registry/types.ts';
import { type AdmissionPlugin, creates } from '../plugin.ts';

const TABLE = '/limitranges';

export function limitRanger(lookup: Lookup): AdmissionPlugin {
  const limitsOf = (request: AdmissionRequest, type: string): JsonObject[] =>
    lookup
      .list(TABLE, request.attributes.namespace)
      .flatMap((range) => records(record(range.spec).limits))
      .filter((limit) => limit.type === type);
  return {
    handles: (request) => creates(request, '', 'pods') || creates(request, '', 'persistentvolumeclaims'),
    mutate(request) {
      if (request.info.resource !== 'pods') return;
      const limits = limitsOf(request, 'Container');
      for (const container of containersOf(request)) for (const limit of limits) fillDefaults(container, limit);
    },
    validate(request) {
      const problems =
        request.info.resource === 'pods'
          ? containersOf(request).flatMap((container) =>
              check(record(container.resources), limitsOf(request, 'Container'), 'Container'),
            )
          : check(
              record(record(request.object?.spec).resources),
              limitsOf(request, 'PersistentVolumeClaim'),
              'PersistentVolumeClaim',
            );
      const [first, ...more] = problems;
      if (first === undefined) return;
      const why = more.length === 0 ? first : `[${problems.join(', ')}]`;
      throw forbidden(request.info, request.attributes.name, why);
    },
  };
}

function containersOf({ object }: AdmissionRequest): JsonObject[] {
  const spec = record(object?.spec);
  return [...records(spec.containers), ...records(spec.initContainers)];
}

function fillDefaults(container: JsonObject, limit: JsonObject): void {
  const resources = record(container.resources);
  const limits = { ...record(limit.default), ...record(resources.limits) };
  const requests = { ...record(limit.defaultRequest), ...record(resources.requests) };
  if (Object.keys(limits).length > 0) resources.limits = limits;
  if (Object.keys(requests).length > 0) resources.requests = requests;
  container.resources = resources;
}

function check(resources: JsonObject, limits: readonly JsonObject[], type: string): string[] {
  const asked = { ...record(resources.limits), ...record(resources.requests) };
  const most = { ...record(resources.requests), ...record(resources.limits) };
  return limits.flatMap((limit) => [
    ...Object.entries(record(limit.min)).flatMap(([name, least]) => below(name, text(least), asked[name], type)),
    ...Object.entries(record(limit.max)).flatMap(([name, bound]) => above(name, text(bound), most[name], type)),
  ]);
}

function below(name: string, least: string, given: unknown, type: string): string[] {
  if (given === undefined) return [`minimum ${name} usage per ${type} is ${least}. No request is specified`];
  if (compareQuantities(text(given), least) >= 0) return [];
  return [`minimum ${name} usage per ${type} is ${least}, but request is ${text(given)}`];
}

function above(name: string, bound: string, given: unknown, type: string): string[] {
  if (given === undefined) return [`maximum ${name} usage per ${type} is ${bound}. No limit is specified`];
  if (compareQuantities(text(given), bound) <= 0) return [];
  return [`maximum ${name} usage per ${type} is ${bound}, but limit is ${text(given)}`];
}
