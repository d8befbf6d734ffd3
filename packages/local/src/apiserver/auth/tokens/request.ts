/** `serviceaccounts/NAME/token`: makes a token for a ServiceAccount, bound to a pod or secret when asked. */
import { number, record, strings, text } from '../../kinds/columns/format.ts';
import type { Lookup } from '../../kinds/lookup.ts';
import { typeSchema } from '../../kinds/schema/typeschema.ts';
import { badRequest, conflict, invalid, notFound } from '../../registry/errors.ts';
import type { Hooks } from '../../registry/hooks.ts';
import type { ApiObject, JsonObject, Subresource, SubresourceCreate } from '../../registry/types.ts';
import { timestamp } from '../../verbs/core.ts';
import { type Claims, signToken } from './jwt.ts';
import type { TokenKey } from './key.ts';

export interface TokenIssuer {
  key: TokenKey;
  issuer: string;
  lookup: Lookup;
  now(): Date;
  trackUpdate: Hooks['trackUpdate'];
}

const DEFAULT_SECONDS = 3600;
const SHORTEST_SECONDS = 600;
const LONGEST_SECONDS = 2 ** 32;
const API_VERSION = 'authentication.k8s.io/v1';

export function tokenSubresource(parts: TokenIssuer): Subresource {
  return {
    kind: 'TokenRequest',
    group: 'authentication.k8s.io',
    version: 'v1',
    verbs: ['create'],
    get schema() {
      return typeSchema('authentication/v1.TokenRequest');
    },
    create: (request) => Promise.resolve(createToken(request, parts)),
  };
}

function checkSeconds(seconds: number): void {
  const field = 'spec.expirationSeconds';
  const refuse = (why: string): Error =>
    invalid('authentication.k8s.io', 'TokenRequest', '', [
      { field, reason: 'FieldValueInvalid', message: `Invalid value: ${seconds}: ${why}` },
    ]);
  if (seconds < SHORTEST_SECONDS) throw refuse('may not specify a duration less than 10 minutes');
  if (seconds > LONGEST_SECONDS) throw refuse('may not specify a duration larger than 2^32 seconds');
}

type Bound = Pick<Claims['kubernetes.io'], 'pod' | 'secret'>;

function bindingOf(reference: unknown, namespace: string, account: string, lookup: Lookup): Bound {
  if (reference === undefined || reference === null) return {};
  const { kind, name, uid } = record(reference);
  const resource = kind === 'Pod' ? 'pods' : kind === 'Secret' ? 'secrets' : undefined;
  if (resource === undefined) throw badRequest(`cannot bind token to object of type v1, Kind=${text(kind)}`);
  const object = lookup.get(`/${resource}`, namespace, text(name));
  if (object === undefined) throw notFound({ group: '', resource }, text(name));
  if (resource === 'pods' && text(record(object.spec).serviceAccountName) !== account) {
    throw badRequest(
      `cannot bind token for serviceaccount "${account}" to pod running with different serviceaccount name.`,
    );
  }
  const found = text(object.metadata.uid);
  if (text(uid) !== '' && text(uid) !== found) {
    const why = `the UID in the bound object reference (${text(uid)}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict('', text(kind), text(name), why);
  }
  const bound = { name: text(name), uid: found };
  return resource === 'pods' ? { pod: bound } : { secret: bound };
}

function createToken({ namespace = '', name, body, context }: SubresourceCreate, parts: TokenIssuer): ApiObject {
  const account = parts.lookup.get('/serviceaccounts', namespace, name);
  if (account === undefined) throw notFound({ group: '', resource: 'serviceaccounts' }, name);
  const asked = record(body.spec);
  const seconds = asked.expirationSeconds === undefined ? DEFAULT_SECONDS : number(asked.expirationSeconds);
  checkSeconds(seconds);
  const audiences = strings(asked.audiences);
  const bound = bindingOf(asked.boundObjectRef, namespace, name, parts.lookup);
  const now = parts.now();
  const iat = Math.floor(now.getTime() / 1000);
  const aud = audiences.length > 0 ? audiences : [parts.issuer];
  const serviceaccount = { name, uid: text(account.metadata.uid) };
  const claims: Claims = {
    iss: parts.issuer,
    sub: `system:serviceaccount:${namespace}:${name}`,
    aud,
    iat,
    nbf: iat,
    exp: iat + seconds,
    'kubernetes.io': { namespace, serviceaccount, ...bound },
  };
  const spec = { audiences: aud, expirationSeconds: seconds, boundObjectRef: asked.boundObjectRef ?? null };
  const status = {
    token: signToken(claims, parts.key),
    expirationTimestamp: timestamp(new Date(claims.exp * 1000)),
  };
  const managed: JsonObject = { ...(audiences.length > 0 ? { audiences } : {}), expirationSeconds: seconds };
  const managedFields = parts.trackUpdate({
    live: undefined,
    empty: { apiVersion: API_VERSION, kind: 'TokenRequest', metadata: {}, spec: {} },
    next: { apiVersion: API_VERSION, kind: 'TokenRequest', metadata: {}, spec: managed },
    manager: context.fieldManager,
    subresource: 'token',
    apiVersion: API_VERSION,
    schema: typeSchema('authentication/v1.TokenRequest'),
    now,
  });
  const metadata = { name, namespace, creationTimestamp: timestamp(now), managedFields };
  return { kind: 'TokenRequest', apiVersion: API_VERSION, metadata, spec, status };
}
