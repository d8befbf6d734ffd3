/** Pods act as a ServiceAccount, and get its token mounted unless they or it decline. */
import { record, records, text } from '../../kinds/columns/format.ts';
import type { Lookup } from '../../kinds/lookup.ts';
import { forbidden } from '../../registry/errors.ts';
import type { AdmissionRequest } from '../../registry/hooks.ts';
import type { ApiObject, JsonObject } from '../../registry/types.ts';
import { generateName } from '../../verbs/create.ts';
import { type AdmissionPlugin, creates } from '../plugin.ts';

const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
/** An hour, and a little more to be told from tokens that were asked for by hand. */
const TOKEN_SECONDS = 3607;

export function serviceAccountPlugin(lookup: Lookup): AdmissionPlugin {
  return {
    handles: (request) => creates(request, '', 'pods'),
    mutate(request) {
      const { object, attributes } = request;
      if (object === undefined || object.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined) return;
      const spec = record(object.spec);
      if (text(spec.serviceAccountName) === '') spec.serviceAccountName = 'default';
      spec.serviceAccount = text(spec.serviceAccountName);
      const account = lookup.get('/serviceaccounts', attributes.namespace, text(spec.serviceAccountName));
      if (account === undefined) throw unknownAccount(request, text(spec.serviceAccountName));
      if (wantsToken(spec, account)) mountToken(spec);
      if (records(spec.imagePullSecrets).length === 0 && records(account.imagePullSecrets).length > 0) {
        spec.imagePullSecrets = structuredClone(records(account.imagePullSecrets));
      }
    },
  };
}

function unknownAccount({ info, attributes }: AdmissionRequest, account: string): Error {
  const why = `error looking up service account ${attributes.namespace}/${account}: serviceaccount "${account}" not found`;
  return forbidden(info, attributes.name, why);
}

function wantsToken(spec: JsonObject, account: ApiObject): boolean {
  if (typeof spec.automountServiceAccountToken === 'boolean') return spec.automountServiceAccountToken;
  return account.automountServiceAccountToken !== false;
}

function isTokenVolume(volume: JsonObject): boolean {
  return /^kube-api-access-[a-z0-9]{5}$/.test(text(volume.name)) && volume.projected !== undefined;
}

/** Containers that mount something there themselves are left alone. Running it again adds what is still missing. */
function mountToken(spec: JsonObject): void {
  const existing = records(spec.volumes).find(isTokenVolume);
  const name = text(existing?.name) || generateName('kube-api-access-');
  let used = false;
  for (const container of [...records(spec.initContainers), ...records(spec.containers)]) {
    const mounts = records(container.volumeMounts);
    if (mounts.some((mount) => mount.mountPath === TOKEN_PATH)) continue;
    container.volumeMounts = [...mounts, { name, readOnly: true, mountPath: TOKEN_PATH }];
    used = true;
  }
  if (used && existing === undefined) spec.volumes = [...records(spec.volumes), tokenVolume(name)];
}

function tokenVolume(name: string): JsonObject {
  const sources = [
    { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    {
      downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] },
    },
  ];
  return { name, projected: { sources, defaultMode: 0o644 } };
}
