/** Which port of a pod a Service's port means. */
import type { Pod, Service, ServicePort } from 'kubernetes-types/core/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';

export interface ResolvedPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: string;
  readonly appProtocol?: string;
}

export function resolvePort({ targetPort, port, protocol = 'TCP' }: ServicePort, pod: Stored<Pod>): number | undefined {
  if (targetPort === undefined || targetPort === '') return port;
  if (typeof targetPort === 'number') return targetPort;
  for (const container of pod.spec?.containers ?? []) {
    const named = container.ports?.find((each) => each.name === targetPort && (each.protocol ?? 'TCP') === protocol);
    if (named) return named.containerPort;
  }
  return undefined;
}

/** Ports of the Service that the pod has. */
export function portsFor(service: Stored<Service>, pod: Stored<Pod>): ResolvedPort[] {
  return (service.spec?.ports ?? []).flatMap((servicePort) => {
    const port = resolvePort(servicePort, pod);
    if (port === undefined) return [];
    const { name, protocol = 'TCP', appProtocol } = servicePort;
    return [{ ...(name ? { name } : {}), port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}
