/** Who asks, and whether they may. */
import { createLookup } from '../kinds/lookup.ts';
import type { EscalationGuard } from '../kinds/strategies/rbac.ts';
import type { Attributes, Decision, Hooks } from '../registry/hooks.ts';
import type { ResourceInfo, Subresource } from '../registry/types.ts';
import type { Core } from '../verbs/core.ts';
import { authenticate } from './authenticate.ts';
import { impersonate } from './impersonate.ts';
import { authorize, createEscalationGuard } from './rbac/authorizer.ts';
import { createGrants } from './rbac/grants.ts';
import { accessReviews } from './reviews/access.ts';
import { reviewResource } from './reviews/resource.ts';
import { identityReviews } from './reviews/token.ts';
import { openTokenKey } from './tokens/key.ts';
import { tokenSubresource } from './tokens/request.ts';
import { createVerifier, DEFAULT_ISSUER } from './tokens/service-account.ts';

export { defaultBindings, defaultRoles } from './rbac/defaults.ts';
export { DEFAULT_ISSUER } from './tokens/service-account.ts';

export interface AuthOptions {
  /** Where the key of ServiceAccount tokens is kept; absent: in memory. */
  stateFolder?: string;
  /** Issuer and standard audience of ServiceAccount tokens. */
  issuer?: string;
  /** Makes its bearer a superuser. */
  adminToken?: string;
  trackUpdate: Hooks['trackUpdate'];
}

export interface Auth extends Pick<Hooks, 'authenticate' | 'impersonate' | 'authorize'> {
  /** Kinds such as TokenReview and SubjectAccessReview. */
  resources: ResourceInfo[];
  /** `serviceaccounts/token`. */
  tokenSubresource: Subresource;
  escalationGuard: EscalationGuard;
  /** Documents with which others verify ServiceAccount tokens, by path; undefined for any other path. */
  document(path: string): { contentType: string; body: string } | undefined;
}

export function createAuth(core: Pick<Core, 'store' | 'now'>, options: AuthOptions): Auth {
  const lookup = createLookup(core);
  const issuer = options.issuer ?? DEFAULT_ISSUER;
  const audiences = [issuer];
  const key = openTokenKey(options.stateFolder);
  const now = (): Date => core.now();
  const verifier = createVerifier(key, issuer, lookup, now);
  const grants = createGrants(core.store, lookup);
  const decide = (attributes: Attributes): Decision => authorize(attributes, grants);
  const { adminToken, trackUpdate } = options;
  const authentication = { verifier, audiences, ...(adminToken === undefined ? {} : { adminToken }) };
  const reviews = [...accessReviews(decide, grants), ...identityReviews(verifier, audiences)];
  return {
    authenticate: (request) => authenticate(request, authentication),
    impersonate: (user, request) => impersonate(user, request, decide),
    authorize: decide,
    resources: reviews.map((review) => reviewResource(review, trackUpdate)),
    tokenSubresource: tokenSubresource({ key, issuer, lookup, now, trackUpdate }),
    escalationGuard: createEscalationGuard(grants),
    document(path) {
      if (path === '/openid/v1/jwks') {
        return { contentType: 'application/jwk-set+json', body: JSON.stringify({ keys: [key.jwk] }) };
      }
      if (path !== '/.well-known/openid-configuration') return undefined;
      return { contentType: 'application/json', body: JSON.stringify(discoveryDocument(issuer)) };
    },
  };
}

function discoveryDocument(issuer: string): { [field: string]: unknown } {
  return {
    issuer,
    jwks_uri: `${issuer}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  };
}
