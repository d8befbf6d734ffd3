/** Questions about identity: whose token is this, and who am I. */
import { record, strings, text } from '../../kinds/columns/format.ts';
import { badRequest } from '../../registry/errors.ts';
import type { JsonObject, UserInfo } from '../../registry/types.ts';
import type { TokenVerifier } from '../tokens/service-account.ts';
import type { ReviewKind } from './resource.ts';

const GROUP = 'authentication.k8s.io';

function shownUser(user: UserInfo): JsonObject {
  const extra = Object.fromEntries(Object.entries(user.extra ?? {}).map(([key, values]) => [key, [...values]]));
  return {
    username: user.name,
    ...(user.uid === undefined ? {} : { uid: user.uid }),
    groups: [...user.groups],
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

/** `audiences`: those of this server, for a review that names none. */
export function identityReviews(verifier: TokenVerifier, audiences: readonly string[]): ReviewKind[] {
  return [
    {
      group: GROUP,
      kind: 'TokenReview',
      resource: 'tokenreviews',
      type: 'authentication/v1.TokenReview',
      answer(object) {
        const { token, audiences: asked } = record(object.spec);
        if (text(token) === '') throw badRequest('token is required for TokenReview in authentication');
        const wanted = strings(asked).length > 0 ? strings(asked) : audiences;
        const verdict = verifier.verify(text(token), wanted);
        if ('refused' in verdict) return { user: {}, error: verdict.refused };
        return { authenticated: true, user: shownUser(verdict.user), audiences: verdict.audiences };
      },
    },
    {
      group: GROUP,
      kind: 'SelfSubjectReview',
      resource: 'selfsubjectreviews',
      type: 'authentication/v1.SelfSubjectReview',
      answer: (_object, { user }) => ({ userInfo: shownUser(user) }),
    },
  ];
}
