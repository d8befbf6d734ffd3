import {
  annotations,
  anyServiceName,
  type Cluster,
  isServiceEnabled,
  labels,
  readOnlyServiceName,
  readServiceName,
  readWriteServiceName,
  roles,
} from '@matriarch/api';
import type { Service, ServicePort, ServiceSpec } from 'kubernetes-types/core/v1.d.ts';
import { appLabels, type BuildContext, inheritedMeta } from './metadata.ts';

type SelectorType = 'rw' | 'ro' | 'r';
type ManagedService = NonNullable<
  NonNullable<NonNullable<Cluster['spec']['managed']>['services']>['additional']
>[number];

const port: ServicePort = { name: 'postgres', port: 5432, targetPort: 5432, protocol: 'TCP' };

/** All services that the cluster should have now. */
export function buildServices(context: BuildContext): Service[] {
  const { cluster, config } = context;
  const list: Service[] = [];
  if (config.createAnyService) list.push(anyService(context));
  for (const [type, name] of defaultServiceNames(cluster)) {
    if (isServiceEnabled(cluster, type)) list.push(plainService(context, name, selector(cluster, type)));
  }
  for (const managed of cluster.spec.managed?.services?.additional ?? []) list.push(managedService(context, managed));
  return list;
}

export function defaultServiceNames(cluster: Cluster): [SelectorType, string][] {
  return [
    ['r', readServiceName(cluster)],
    ['ro', readOnlyServiceName(cluster)],
    ['rw', readWriteServiceName(cluster)],
  ];
}

function anyService(context: BuildContext): Service {
  const service = plainService(context, anyServiceName(context.cluster), selector(context.cluster, 'r'));
  return withSpec(service, { ...service.spec, publishNotReadyAddresses: true });
}

function selector(cluster: Cluster, type: SelectorType): Record<string, string> {
  const own = { [labels.cluster]: cluster.metadata.name };
  if (type === 'r') return { ...own, [labels.podRole]: roles.pod.instance };
  return { ...own, [labels.instanceRole]: type === 'rw' ? roles.instance.primary : roles.instance.replica };
}

function plainService(context: BuildContext, name: string, selects: Record<string, string>): Service {
  const metadata = inheritedMeta(context, { name, labels: appLabels(context) });
  return withSpec({ metadata }, { type: 'ClusterIP', ports: [port], selector: selects });
}

function managedService(
  context: BuildContext,
  { serviceTemplate, selectorType, updateStrategy }: ManagedService,
): Service {
  const template = serviceTemplate.metadata ?? {};
  const spec = serviceTemplate.spec ?? {};
  const ports = spec.ports ?? [];
  const taken = ports.some((own) => own.name === port.name || own.port === port.port);
  const metadata = inheritedMeta(context, {
    name: template.name ?? '',
    labels: { ...template.labels, ...appLabels(context), [labels.isManaged]: 'true' },
    annotations: { ...template.annotations, [annotations.updateStrategy]: updateStrategy ?? 'patch' },
  });
  return withSpec(
    { metadata },
    {
      ...spec,
      type: spec.type ?? 'ClusterIP',
      ports: taken ? ports : [...ports, port],
      selector: selector(context.cluster, selectorType),
    },
  );
}

/** The spec, also as annotation: the base of the next three-way merge. */
function withSpec(service: Service, spec: ServiceSpec): Service {
  const metadata = { ...service.metadata };
  metadata.annotations = { ...metadata.annotations, [annotations.lastAppliedSpec]: JSON.stringify(spec) };
  return { metadata, spec };
}
