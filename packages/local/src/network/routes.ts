/** Which address stands for which endpoints. Pure. */
import type { Endpoints, Service } from 'kubernetes-types/core/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';

export interface Target {
  readonly ip: string;
  readonly port: number;
}

/** One listening address and where its connections go. */
export interface Route {
  readonly ip: string;
  readonly port: number;
  readonly targets: readonly Target[];
  /** Of the Service, for messages. */
  readonly owner: string;
}

export interface RouteInput {
  readonly services: readonly Stored<Service>[];
  endpoints(service: Stored<Service>): Stored<Endpoints> | undefined;
  /** Addresses on which node ports listen. */
  readonly nodeIPs: readonly string[];
}

export function routeId({ ip, port }: { ip: string; port: number }): string {
  return `${ip}:${port}`;
}

/** Ready endpoints of one port of the Service; ports are told apart by name. */
function targetsOf(endpoints: Stored<Endpoints> | undefined, portName: string | undefined): Target[] {
  return (endpoints?.subsets ?? []).flatMap(({ addresses = [], ports = [] }) => {
    const port = ports.find(({ name, protocol = 'TCP' }) => (name ?? '') === (portName ?? '') && protocol === 'TCP');
    return port ? addresses.map(({ ip }) => ({ ip, port: port.port })) : [];
  });
}

export function routesOf({ services, endpoints, nodeIPs }: RouteInput): Route[] {
  return services.flatMap((service) => {
    const { clusterIP, clusterIPs, ports = [] } = service.spec ?? {};
    const owner = `${service.metadata.namespace}/${service.metadata.name}`;
    const own = endpoints(service);
    const ips = (clusterIPs ?? [clusterIP ?? '']).filter((ip) => ip !== '' && ip !== 'None' && ip.includes('.'));
    return ports
      .filter(({ protocol = 'TCP' }) => protocol === 'TCP')
      .flatMap(({ name, port, nodePort }) => {
        const targets = targetsOf(own, name);
        const cluster = ips.map((ip) => ({ ip, port, targets, owner }));
        const node = nodePort ? nodeIPs.map((ip) => ({ ip, port: nodePort, targets, owner })) : [];
        return [...cluster, ...node];
      });
  });
}

/** The hosts file: every name of every Service, by which a program may look for it. */
export function hostsText(input: Pick<RouteInput, 'services' | 'endpoints'>): string {
  const lines = input.services.flatMap((service) => {
    const { name, namespace } = service.metadata;
    const names = `${name}.${namespace}.svc.cluster.local ${name}.${namespace}.svc ${name}.${namespace}`;
    const { clusterIP } = service.spec ?? {};
    if (clusterIP && clusterIP !== 'None') return [`${clusterIP} ${names}`];
    const addresses = (input.endpoints(service)?.subsets ?? []).flatMap(({ addresses: ready = [] }) => ready);
    return addresses.flatMap(({ ip, hostname }) => [
      `${ip} ${names}`,
      ...(hostname
        ? [`${ip} ${hostname}.${name}.${namespace}.svc.cluster.local ${hostname}.${name}.${namespace}.svc`]
        : []),
    ]);
  });
  return `${lines.sort().join('\n')}\n`;
}
