/**
 * Gives pods the identity of a role of a cloud account: a pod whose ServiceAccount names a role gets a token for the
 * token service and the variables by which the cloud's libraries find it.
 */
import { record, records, text } from '../../kinds/columns/format.ts';
import type { Lookup } from '../../kinds/lookup.ts';
import type { JsonObject } from '../../registry/types.ts';
import { type AdmissionPlugin, creates } from '../plugin.ts';

export interface PodIdentityOptions {
  region: string;
  /** Address of the token service and the object store, where they are not the cloud's own. */
  endpointUrl?: string;
}

const ROLE_ANNOTATION = 'eks.amazonaws.com/role-arn';
const AUDIENCE_ANNOTATION = 'eks.amazonaws.com/audience';
const SECONDS_ANNOTATION = 'eks.amazonaws.com/token-expiration';
const VOLUME = 'aws-iam-token';
const MOUNT_PATH = '/var/run/secrets/eks.amazonaws.com/serviceaccount';
const DEFAULT_SECONDS = 86_400;
const SHORTEST_SECONDS = 600;

export function podIdentity(lookup: Lookup, options: PodIdentityOptions): AdmissionPlugin {
  return {
    handles: (request) => creates(request, '', 'pods'),
    mutate({ object, attributes }) {
      if (object === undefined) return;
      const spec = record(object.spec);
      const account = lookup.get('/serviceaccounts', attributes.namespace, text(spec.serviceAccountName) || 'default');
      const annotations = account?.metadata.annotations ?? {};
      const role = annotations[ROLE_ANNOTATION];
      if (role === undefined || role === '') return;
      for (const container of [...records(spec.initContainers), ...records(spec.containers)]) {
        addVariables(container, variables(role, options));
        addMount(container);
      }
      if (records(spec.volumes).some((volume) => volume.name === VOLUME)) return;
      const audience = annotations[AUDIENCE_ANNOTATION] ?? 'sts.amazonaws.com';
      spec.volumes = [...records(spec.volumes), tokenVolume(audience, seconds(annotations[SECONDS_ANNOTATION]))];
    },
  };
}

function seconds(given: string | undefined): number {
  const value = Number(given ?? DEFAULT_SECONDS);
  return Number.isInteger(value) ? Math.max(value, SHORTEST_SECONDS) : DEFAULT_SECONDS;
}

function variables(role: string, { region, endpointUrl }: PodIdentityOptions): JsonObject {
  return {
    AWS_STS_REGIONAL_ENDPOINTS: 'regional',
    AWS_DEFAULT_REGION: region,
    AWS_REGION: region,
    AWS_ROLE_ARN: role,
    AWS_WEB_IDENTITY_TOKEN_FILE: `${MOUNT_PATH}/token`,
    ...(endpointUrl === undefined ? {} : { AWS_ENDPOINT_URL: endpointUrl }),
  };
}

/** What a container sets itself stays. */
function addVariables(container: JsonObject, wanted: JsonObject): void {
  const env = records(container.env);
  const missing = Object.entries(wanted).filter(([name]) => !env.some((variable) => variable.name === name));
  if (missing.length > 0) container.env = [...env, ...missing.map(([name, value]) => ({ name, value }))];
}

function addMount(container: JsonObject): void {
  const mounts = records(container.volumeMounts);
  if (mounts.some((mount) => mount.mountPath === MOUNT_PATH)) return;
  container.volumeMounts = [...mounts, { name: VOLUME, readOnly: true, mountPath: MOUNT_PATH }];
}

function tokenVolume(audience: string, expirationSeconds: number): JsonObject {
  const sources = [{ serviceAccountToken: { audience, expirationSeconds, path: 'token' } }];
  return { name: VOLUME, projected: { sources, defaultMode: 0o644 } };
}
