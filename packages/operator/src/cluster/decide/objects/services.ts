import { annotations, anyServiceName, labels } from '@matriarch/api';
import { isControlledBy } from '@matriarch/kubernetes';
import type { Service, ServicePort, ServiceSpec } from 'kubernetes-types/core/v1.d.ts';
import { buildServices, defaultServiceNames } from '../../builders/services.ts';
import { buildContext, type Draft } from '../draft.ts';
import { contains, isSame, mergeDiff } from '../merge.ts';

/** Makes, changes and removes services; fields that others set on them stay as they are. */
export function decideServices(draft: Draft): string | undefined {
  const { cluster, owned } = draft.snapshot;
  const wanted = buildServices(buildContext(draft));
  for (const service of wanted) {
    const name = service.metadata?.name ?? '';
    const live = owned.services.find(({ metadata }) => metadata?.name === name);
    if (!live) draft.actions.push({ kind: 'create', resource: 'services', object: service });
    else if (!isControlledBy(live, cluster)) return `refusing to reconcile service: ${name}, not owned by the cluster`;
    else if (live.metadata?.deletionTimestamp === undefined) decideChange(draft, live, service);
  }
  const names = new Set(wanted.map(({ metadata }) => metadata?.name));
  for (const live of owned.services) removeUnwanted(draft, live, names);
  return undefined;
}

function removeUnwanted(draft: Draft, live: Service, wanted: ReadonlySet<string | undefined>): void {
  const { cluster } = draft.snapshot;
  const name = live.metadata?.name ?? '';
  const defaults = [...defaultServiceNames(cluster).map(([, each]) => each), anyServiceName(cluster)];
  const ours = defaults.includes(name) || live.metadata?.labels?.[labels.isManaged] === 'true';
  if (!ours || wanted.has(name) || !isControlledBy(live, cluster) || live.metadata?.deletionTimestamp) return;
  draft.actions.push({ kind: 'delete', resource: 'services', name });
}

function decideChange(draft: Draft, live: Service, wanted: Service): void {
  const name = live.metadata?.name ?? '';
  const spec = mergedSpec(live, wanted.spec ?? {});
  const metadata = { labels: wanted.metadata?.labels, annotations: wanted.metadata?.annotations };
  const sameSpec = isSame(live.spec, spec);
  if (sameSpec && contains(live.metadata, metadata)) return;
  if (!sameSpec && wanted.metadata?.annotations?.[annotations.updateStrategy] === 'replace') {
    draft.actions.push({ kind: 'delete', resource: 'services', name });
    return;
  }
  const specPatch = sameSpec ? {} : { spec: mergeDiff(live.spec, spec) };
  draft.actions.push({ kind: 'patch', resource: 'services', name, body: { metadata, ...specPatch } });
}

/** What we wanted last time, what we want now, and what is there: only our own changes are carried over. */
function mergedSpec(live: Service, wanted: ServiceSpec): ServiceSpec {
  const lastText = live.metadata?.annotations?.[annotations.lastAppliedSpec];
  const last: unknown = lastText ? JSON.parse(lastText) : {};
  const patch = mergeDiff(withoutPorts(last), withoutPorts(wanted)) ?? {};
  const merged = applyMerge(live.spec ?? {}, lastText ? patch : wanted) as ServiceSpec;
  const ports = (wanted.ports ?? []).map((port) => keepLivePort(port, live.spec?.ports ?? []));
  return { ...merged, ports: contains(live.spec?.ports, wanted.ports ?? []) ? (live.spec?.ports ?? []) : ports };
}

const withoutPorts = (spec: unknown): object => ({ ...(spec as ServiceSpec), ports: undefined });

function keepLivePort(port: ServicePort, live: readonly ServicePort[]): ServicePort {
  const same = live.find((each) => each.port === port.port && (each.protocol ?? 'TCP') === (port.protocol ?? 'TCP'));
  if (!same) return port;
  const { nodePort, protocol, targetPort } = same;
  return {
    ...(nodePort === undefined ? {} : { nodePort }),
    ...(protocol === undefined ? {} : { protocol }),
    ...(targetPort === undefined ? {} : { targetPort }),
    ...port,
  };
}

function applyMerge(target: object, patch: object): object {
  const result: Record<string, unknown> = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete result[key];
    else if (typeof value === 'object' && !Array.isArray(value)) {
      result[key] = applyMerge((result[key] as object | undefined) ?? {}, value as object);
    } else result[key] = value;
  }
  return result;
}
