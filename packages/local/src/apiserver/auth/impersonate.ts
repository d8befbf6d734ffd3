/** Acting as somebody else: the Impersonate-* headers, each of which needs a permission of its own. */
import type { IncomingMessage } from 'node:http';
import { refusal } from '../http/authorization.ts';
import { ApiError } from '../registry/errors.ts';
import type { Attributes, Decision } from '../registry/hooks.ts';
import type { UserInfo } from '../registry/types.ts';
import { ANONYMOUS, AUTHENTICATED } from './authenticate.ts';
import { serviceAccountGroups } from './tokens/service-account.ts';

const EXTRA = 'impersonate-extra-';

interface Wanted {
  user: string;
  uid: string;
  groups: string[];
  extra: { [key: string]: string[] };
}

/** All values of a header that may occur more than once. */
function values(request: Pick<IncomingMessage, 'rawHeaders'>, name: string): string[] {
  const found: string[] = [];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    if (request.rawHeaders[index]?.toLowerCase() === name) found.push(request.rawHeaders[index + 1] ?? '');
  }
  return found;
}

function read(request: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): Wanted | undefined {
  const extraNames = Object.keys(request.headers).filter((name) => name.startsWith(EXTRA));
  const user = values(request, 'impersonate-user')[0] ?? '';
  const uid = values(request, 'impersonate-uid')[0] ?? '';
  const groups = values(request, 'impersonate-group');
  if (user === '' && uid === '' && groups.length === 0 && extraNames.length === 0) return undefined;
  const extra = Object.fromEntries(
    extraNames.map((name) => [decodeURIComponent(name.slice(EXTRA.length)), values(request, name)]),
  );
  return { user, uid, groups, extra };
}

export function impersonate(
  caller: UserInfo,
  request: Pick<IncomingMessage, 'headers' | 'rawHeaders'>,
  authorize: (attributes: Attributes) => Decision,
): UserInfo {
  const wanted = read(request);
  if (wanted === undefined) return caller;
  if (wanted.user === '') {
    const what = `[${wanted.groups.join(' ')}]`;
    throw new ApiError(500, undefined, `Internal Server Error: requested ${what} without impersonating a user`);
  }
  for (const question of questions(caller, wanted)) {
    const decision = authorize(question);
    if (!decision.allowed) throw refusal(question, decision.reason);
  }
  return impersonated(wanted);
}

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

function questions(user: UserInfo, wanted: Wanted): Attributes[] {
  const question = { user, verb: 'impersonate', group: '', version: 'v1', subresource: '', namespace: '' };
  const authentication = { ...question, group: 'authentication.k8s.io' };
  const account = SERVICE_ACCOUNT.exec(wanted.user);
  return [
    account === null
      ? { ...question, resource: 'users', name: wanted.user }
      : { ...question, resource: 'serviceaccounts', namespace: account[1] ?? '', name: account[2] ?? '' },
    ...wanted.groups.map((name) => ({ ...question, resource: 'groups', name })),
    ...(wanted.uid === '' ? [] : [{ ...authentication, resource: 'uids', name: wanted.uid }]),
    ...Object.entries(wanted.extra).flatMap(([key, list]) =>
      list.map((name) => ({ ...authentication, resource: 'userextras', subresource: key, name })),
    ),
  ];
}

function impersonated({ user, uid, groups, extra }: Wanted): UserInfo {
  const account = SERVICE_ACCOUNT.exec(user);
  const implied = groups.length === 0 && account !== null ? serviceAccountGroups(account[1] ?? '') : groups;
  const last = user === ANONYMOUS.name ? 'system:unauthenticated' : AUTHENTICATED;
  return {
    name: user,
    groups: implied.includes(last) ? implied : [...implied, last],
    ...(uid === '' ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}
