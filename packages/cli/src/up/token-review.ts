import { createClient, loadKubeconfig } from '@matriarch/kubernetes';
import type { WebIdentity } from '@matriarch/local/s3';

const audiences = ['sts.amazonaws.com'];

interface TokenReview {
  status?: { authenticated?: boolean; user?: { username?: string }; audiences?: string[] };
}

/**
 * Asks the API server whose token this is, as a token service asks the issuer. Undefined for a token that it does not
 * accept for this audience.
 */
export async function reviewToken(kubeconfig: string, token: string): Promise<WebIdentity | undefined> {
  const client = createClient(loadKubeconfig({ path: kubeconfig }));
  try {
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token, audiences } };
    const answer = await client.request('POST', '/apis/authentication.k8s.io/v1/tokenreviews', {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
      timeoutMs: 10_000,
    });
    const { status } = JSON.parse(answer.body.toString()) as TokenReview;
    if (!status?.authenticated || status.user?.username === undefined) return undefined;
    return { subject: status.user.username, audiences: status.audiences ?? audiences };
  } finally {
    client.close();
  }
}
