import { issueCredentials, type SecretKeys } from './credentials.ts';
import { S3Error } from './errors.ts';
import { assumableRole, type Role, type WebIdentity } from './roles.ts';
import { element, xmlDocument } from './xml.ts';

export interface TokenService {
  keys: SecretKeys;
  roles: readonly Role[];
  /** Verifies a service account token; undefined for one that is not valid here and now. */
  verifyToken(token: string): Promise<WebIdentity | undefined>;
}

const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/';
const defaultSeconds = 3600;

/**
 * Answers AssumeRoleWithWebIdentity (AWS Security Token Service API reference). The request is not signed: the token
 * is the proof.
 */
export async function assumeRoleWithWebIdentity(
  service: TokenService,
  form: URLSearchParams,
  now: Date,
  requestId: string,
): Promise<string> {
  const action = form.get('Action');
  if (action !== 'AssumeRoleWithWebIdentity') {
    throw new S3Error('ValidationError', `The action "${action}" is not served; AssumeRoleWithWebIdentity is.`);
  }
  const identity = await service.verifyToken(form.get('WebIdentityToken') ?? '');
  if (identity === undefined) throw new S3Error('InvalidIdentityToken', 'The web identity token is not valid.');
  const arn = form.get('RoleArn') ?? '';
  const role = assumableRole(service.roles, arn, identity);
  const seconds = Math.min(Math.max(Number(form.get('DurationSeconds') ?? defaultSeconds), 900), 43_200);
  const credentials = issueCredentials(service.keys, role.name, seconds, now);
  const session = form.get('RoleSessionName') ?? 'session';
  const result = element('AssumeRoleWithWebIdentityResult', [
    element('Credentials', [
      element('AccessKeyId', credentials.accessKeyId),
      element('SecretAccessKey', credentials.secretAccessKey),
      element('SessionToken', credentials.sessionToken),
      element('Expiration', credentials.expiration.toISOString()),
    ]),
    element('SubjectFromWebIdentityToken', identity.subject),
    element('AssumedRoleUser', [
      element('Arn', `${arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${session}`),
      element('AssumedRoleId', `AROA${role.name.toUpperCase()}:${session}`),
    ]),
  ]);
  const metadata = element('ResponseMetadata', [element('RequestId', requestId)]);
  return xmlDocument(
    `<AssumeRoleWithWebIdentityResponse xmlns="${namespace}">${result}${metadata}</AssumeRoleWithWebIdentityResponse>`,
  );
}
