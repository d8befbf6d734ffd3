import type { Container, PodSpec } from 'kubernetes-types/core/v1.d.ts';
import { bootstrapContainerName } from '../../builders/podspec.ts';
import { isSame } from '../merge.ts';

const podParts = [
  ['security-context', 'securityContext'],
  ['affinity', 'affinity'],
  ['tolerations', 'tolerations'],
  ['node-selector', 'nodeSelector'],
  ['topology-spread-constraints', 'topologySpreadConstraints'],
  ['service-account-name', 'serviceAccountName'],
  ['automount-service-account-token', 'automountServiceAccountToken'],
  ['scheduler-name', 'schedulerName'],
  ['hostname', 'hostname'],
  ['termination-grace-period', 'terminationGracePeriodSeconds'],
] as const;

const containerParts = [
  ['image', ['image']],
  ['environment', ['env', 'envFrom']],
  ['readiness-probe', ['readinessProbe']],
  ['liveness-probe', ['livenessProbe']],
  ['startup-probe', ['startupProbe']],
  ['command', ['command']],
  ['resources', ['resources']],
  ['ports', ['ports']],
  ['security-context', ['securityContext']],
] as const;

/** The first difference that asks for a new pod, such as `containers: container postgres differs in resources`. */
export function podDrift(current: PodSpec, wanted: PodSpec): string | undefined {
  const volumes = mapDrift(byName(current.volumes), byName(wanted.volumes));
  if (volumes) return `volumes: ${volumes}`;
  const containers = listDrift(current.containers, wanted.containers);
  if (containers) return `containers: ${containers}`;
  const others = (list: Container[] | undefined) => (list ?? []).filter(({ name }) => name !== bootstrapContainerName);
  const inits = listDrift(others(current.initContainers), others(wanted.initContainers));
  if (inits) return `init-containers: ${inits}`;
  const part = podParts.find(([, field]) => !isSame(current[field], wanted[field]));
  return part ? `${part[0]}: has differing value` : undefined;
}

function listDrift(current: readonly Container[], wanted: readonly Container[]): string | undefined {
  const live = byName(current);
  for (const container of wanted) {
    const same = live[container.name] as Container | undefined;
    const detail = same ? containerDrift(same, container) : 'has been added';
    if (detail) return `container ${container.name} ${detail}`;
  }
  const gone = current.find(({ name }) => !wanted.some((each) => each.name === name));
  return gone ? `container ${gone.name} has been removed` : undefined;
}

function containerDrift(current: Container, wanted: Container): string | undefined {
  const mounts = (container: Container) =>
    (container.volumeMounts ?? []).map((mount) => ({ ...mount, name: `${mount.name}:${mount.mountPath}` }));
  const mountDrift = mapDrift(byName(mounts(current)), byName(mounts(wanted)));
  if (mountDrift) return `differs in volume-mounts: ${mountDrift}`;
  const part = containerParts.find(([, fields]) => fields.some((field) => !isSame(current[field], wanted[field])));
  return part ? `differs in ${part[0]}` : undefined;
}

function mapDrift(current: Record<string, unknown>, wanted: Record<string, unknown>): string | undefined {
  for (const [name, value] of Object.entries(wanted)) {
    if (!(name in current)) return `element ${name} has been added`;
    if (!isSame(current[name], value)) return `element ${name} has differing value`;
  }
  const gone = Object.keys(current).find((name) => !(name in wanted));
  return gone ? `element ${gone} has been removed` : undefined;
}

/** Names from before volumes had prefixes count as the same. */
function byName(list: readonly { name: string }[] | undefined): Record<string, unknown> {
  return Object.fromEntries((list ?? []).map((item) => [item.name, item]));
}
