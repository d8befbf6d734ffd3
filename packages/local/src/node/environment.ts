/** The environment of a container: only what the image, the node and the pod say; nothing of the host's but PATH. */
import type { ConfigMap, Container, EnvVar, Pod, Secret } from 'kubernetes-types/core/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';
import { FieldError, fieldValue, type Placement, resourceValue } from './downward.ts';
import { expand } from './expand.ts';
import type { Image } from './image.ts';

export interface EnvironmentInput {
  readonly pod: Stored<Pod>;
  readonly container: Container;
  readonly image: Image;
  readonly placement: Placement;
  /** Short path of the container's root. */
  readonly sandbox: string;
  readonly hostsFile: string;
  readonly apiServer: { readonly host: string; readonly port: number };
  readonly hostPath: string;
  /** Allocatable of the node. */
  readonly machine: Readonly<Record<string, string>>;
  secret(name: string): Stored<Secret> | undefined;
  configMap(name: string): Stored<ConfigMap> | undefined;
}

/** The pod asks for something that is not there; it may come later. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError';
}

export function buildEnvironment(input: EnvironmentInput): Record<string, string> {
  const { container, image } = input;
  const own: Record<string, string> = {};
  for (const source of container.envFrom ?? []) {
    const data = envFromSource(source, input);
    for (const [key, value] of Object.entries(data)) own[`${source.prefix ?? ''}${key}`] = value;
  }
  const known = { ...nodeVariables(input), ...image.env, ...own };
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom ? referencedValue(variable, input) : expand(variable.value ?? '', known);
    if (value === undefined) continue;
    own[variable.name] = value;
    known[variable.name] = value;
  }
  return known;
}

function nodeVariables(input: EnvironmentInput): Record<string, string> {
  const { pod, image, placement, sandbox } = input;
  return {
    PATH: [...image.path, input.hostPath].join(':'),
    HOME: `${sandbox}/tmp`,
    TMPDIR: `${sandbox}/tmp`,
    HOSTNAME: pod.spec?.hostname ?? pod.metadata.name,
    KUBERNETES_SERVICE_HOST: input.apiServer.host,
    KUBERNETES_SERVICE_PORT: String(input.apiServer.port),
    KUBERNETES_SERVICE_PORT_HTTPS: String(input.apiServer.port),
    CONTAINER_SANDBOX_MOUNT_POINT: sandbox,
    MATRIARCH_BIND_ADDRESS: placement.podIP,
    MATRIARCH_HOSTS_FILE: input.hostsFile,
  };
}

type EnvFrom = NonNullable<Container['envFrom']>[number];

function envFromSource(source: EnvFrom, input: EnvironmentInput): Record<string, string> {
  const { secretRef, configMapRef } = source;
  if (secretRef) {
    const secret = input.secret(secretRef.name ?? '');
    if (secret) return decoded(secret.data);
    if (!secretRef.optional) throw new ContainerConfigError(`secret "${secretRef.name}" not found`);
  }
  if (configMapRef) {
    const configMap = input.configMap(configMapRef.name ?? '');
    if (configMap) return { ...configMap.data };
    if (!configMapRef.optional) throw new ContainerConfigError(`configmap "${configMapRef.name}" not found`);
  }
  return {};
}

function decoded(data: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
}

function referencedValue(variable: EnvVar, input: EnvironmentInput): string | undefined {
  const { fieldRef, resourceFieldRef, secretKeyRef, configMapKeyRef } = variable.valueFrom ?? {};
  const { pod, container, placement } = input;
  try {
    if (fieldRef) return fieldValue(pod, fieldRef, placement);
  } catch (error) {
    if (error instanceof FieldError) throw new ContainerConfigError(error.message);
    throw error;
  }
  if (resourceFieldRef) {
    const named = pod.spec?.containers.find(({ name }) => name === resourceFieldRef.containerName);
    return resourceValue(named ?? container, resourceFieldRef, input.machine);
  }
  const namespace = pod.metadata.namespace ?? '';
  if (secretKeyRef) {
    const secret = input.secret(secretKeyRef.name ?? '');
    const value = secret?.data?.[secretKeyRef.key];
    if (value !== undefined) return Buffer.from(value, 'base64').toString('utf8');
    return missing(secretKeyRef, 'secret', 'Secret', secret !== undefined, namespace);
  }
  if (configMapKeyRef) {
    const configMap = input.configMap(configMapKeyRef.name ?? '');
    const value = configMap?.data?.[configMapKeyRef.key];
    if (value !== undefined) return value;
    return missing(configMapKeyRef, 'configmap', 'ConfigMap', configMap !== undefined, namespace);
  }
  return undefined;
}

function missing(
  reference: { name?: string; key: string; optional?: boolean },
  resource: string,
  kind: string,
  found: boolean,
  namespace: string,
): undefined {
  if (reference.optional) return undefined;
  throw new ContainerConfigError(
    found
      ? `couldn't find key ${reference.key} in ${kind} ${namespace}/${reference.name}`
      : `${resource} "${reference.name}" not found`,
  );
}
