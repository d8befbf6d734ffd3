/** Writes Endpoints and EndpointSlices for every Service that selects pods. */
import type { Endpoints, Pod, Service } from 'kubernetes-types/core/v1.d.ts';
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.d.ts';
import { ignoreNotFound } from '../runtime/api.ts';
import { createController, ownKey } from '../runtime/controller.ts';
import {
  ENDPOINT_SLICES,
  ENDPOINTS,
  type Key,
  keyOf,
  keyString,
  NODES,
  PODS,
  SERVICES,
  type Stored,
} from '../runtime/resources.ts';
import { matchesLabels } from '../runtime/selector.ts';
import {
  type ControllerContext,
  controllerReference,
  isControlledBy,
  isSame,
  type Running,
  randomSuffix,
} from './common.ts';
import { type SliceContent, sliceContents, subsetsOf, type Triggers, triggerTime } from './endpoints-decide.ts';

const TRIGGER = 'endpoints.kubernetes.io/last-change-trigger-time';
const HEADLESS = 'service.kubernetes.io/headless';
const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const SLICE_MANAGER = 'endpointslice-controller.k8s.io';

export function startEndpoints({ api, caches, log }: ControllerContext): Running {
  const services = caches.of(SERVICES);
  const pods = caches.of(PODS);
  const endpoints = caches.of(ENDPOINTS);
  const slices = caches.of(ENDPOINT_SLICES);
  const nodes = caches.of(NODES);
  const triggers = new Map<string, Triggers>();
  /** Services that were deleted, and their endpoints not yet. */
  const orphaned = new Set<string>();

  const ownSlices = ({ namespace, name }: Key) =>
    slices
      .list(namespace)
      .filter(({ metadata: { labels } }) => labels?.[SERVICE_NAME] === name && labels[MANAGED_BY] === SLICE_MANAGER);

  const removeAll = async (key: Key) => {
    triggers.delete(keyString(key));
    if (endpoints.get(key)) await ignoreNotFound(api.delete(ENDPOINTS, key));
    for (const slice of ownSlices(key)) await ignoreNotFound(api.delete(ENDPOINT_SLICES, keyOf(slice)));
  };

  const writeEndpoints = async (service: Stored<Service>, selected: Stored<Pod>[], time: string | undefined) => {
    const key = keyOf(service);
    const known = endpoints.get(key);
    const subsets = subsetsOf(service, selected);
    const headless = service.spec?.clusterIP === 'None' ? { [HEADLESS]: '' } : {};
    const labels = { ...service.metadata.labels, ...headless };
    const same = known && isSame(known.subsets ?? [], subsets) && isSame(known.metadata.labels ?? {}, labels);
    if (same) return;
    const { [TRIGGER]: _old, ...others } = known?.metadata.annotations ?? {};
    const annotations = { ...others, ...(time === undefined ? {} : { [TRIGGER]: time }) };
    const content = {
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    };
    if (known) {
      const { labels: _labels, annotations: _annotations, ...metadata } = known.metadata;
      const next: Stored<Endpoints> = { ...known, metadata: { ...metadata, ...content }, subsets };
      await api.update(ENDPOINTS, next);
    } else {
      const metadata = { name: key.name, namespace: key.namespace, ...content };
      await api.create(ENDPOINTS, key.namespace, { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets });
    }
  };

  const writeSlices = async (service: Stored<Service>, selected: Stored<Pod>[], time: string | undefined) => {
    const wanted = sliceContents(service, selected, (name) => nodes.get({ namespace: '', name }));
    // A Service without pods has one empty slice: its clients then know that it was looked at.
    const contents = wanted.length > 0 ? wanted : [{ ports: [], endpoints: [] }];
    const known = ownSlices(keyOf(service)).filter((slice) => isControlledBy(slice, service));
    await Promise.all(contents.map((content, index) => writeSlice(service, known[index], content, time)));
    for (const extra of known.slice(contents.length)) await ignoreNotFound(api.delete(ENDPOINT_SLICES, keyOf(extra)));
  };
  const writeSlice = async (
    service: Stored<Service>,
    known: Stored<EndpointSlice> | undefined,
    { ports, endpoints: members }: SliceContent,
    time: string | undefined,
  ) => {
    const { namespace = '', name } = service.metadata;
    const headless = service.spec?.clusterIP === 'None' ? { [HEADLESS]: '' } : {};
    const labels = { ...service.metadata.labels, ...headless, [SERVICE_NAME]: name, [MANAGED_BY]: SLICE_MANAGER };
    if (
      known &&
      isSame(known.endpoints, members) &&
      isSame(known.ports ?? [], ports) &&
      isSame(known.metadata.labels, labels)
    ) {
      return;
    }
    const annotations = time === undefined ? {} : { annotations: { [TRIGGER]: time } };
    if (known) {
      const { annotations: _old, ...metadata } = known.metadata;
      await api.update(ENDPOINT_SLICES, {
        ...known,
        metadata: { ...metadata, labels, ...annotations },
        endpoints: members,
        ports,
      });
      return;
    }
    await api.create(ENDPOINT_SLICES, namespace, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        generateName: `${name}-`,
        name: `${name}-${randomSuffix()}`,
        namespace,
        labels,
        ...annotations,
        ownerReferences: [controllerReference(service, 'v1', 'Service')],
      },
      addressType: 'IPv4',
      endpoints: members,
      ports,
    });
  };

  const reconcile = async (key: Key): Promise<undefined> => {
    const service = services.get(key);
    if (!service) {
      // Endpoints that somebody made without a Service are his.
      if (orphaned.has(keyString(key))) await removeAll(key);
      orphaned.delete(keyString(key));
      return undefined;
    }
    const { selector, type } = service.spec ?? {};
    if (!selector || Object.keys(selector).length === 0 || type === 'ExternalName') return undefined;
    if (service.metadata.deletionTimestamp !== undefined) return undefined;
    const selected = pods.list(key.namespace).filter(({ metadata }) => matchesLabels(selector, metadata.labels));
    const { triggers: next, time } = triggerTime(triggers.get(keyString(key)), service, selected);
    await Promise.all([writeEndpoints(service, selected, time), writeSlices(service, selected, time)]);
    triggers.set(keyString(key), next);
    return undefined;
  };

  const controller = createController('endpoints', reconcile, log);
  const servicesOf = (pod: Stored<Pod> | undefined): Key[] => {
    if (!pod) return [];
    return services
      .list(pod.metadata.namespace)
      .filter(({ spec }) => spec?.selector && matchesLabels(spec.selector, pod.metadata.labels))
      .map(keyOf);
  };
  controller.watch(services, ({ object, key }) => {
    if (!object) orphaned.add(keyString(key));
    return [key];
  });
  controller.watch(pods, ({ object, previous }) => [...servicesOf(object), ...servicesOf(previous)]);
  controller.watch(endpoints, ownKey);
  controller.watch(slices, ({ object, previous, key }) => {
    const name = (object ?? previous)?.metadata.labels?.[SERVICE_NAME];
    return name === undefined ? [] : [{ namespace: key.namespace, name }];
  });
  return controller;
}
