import { S3Error } from './errors.ts';

/** A role as an account's administrator would have made it: who may take it on, and on which bucket it works. */
export interface Role {
  /** Name, the last part of `arn:aws:iam::ACCOUNT:role/NAME`; any account id is accepted. */
  name: string;
  /** Subjects of service account tokens, e.g. `system:serviceaccount:demo:prod`. */
  trustedSubjects: readonly string[];
  buckets: readonly string[];
}

/** The claims of a verified web identity token. */
export interface WebIdentity {
  subject: string;
  audiences: readonly string[];
}

export const stsAudience = 'sts.amazonaws.com';

/**
 * The role of an ARN, for an identity that it trusts.
 * @throws S3Error `ValidationError`, `AccessDenied` or `InvalidIdentityToken` that says what would be accepted.
 */
export function assumableRole(roles: readonly Role[], arn: string, identity: WebIdentity): Role {
  const name = /^arn:aws[\w-]*:iam::[^:]*:role\/(?:.*\/)?([\w+=,.@-]+)$/.exec(arn)?.[1];
  if (name === undefined) throw new S3Error('ValidationError', `"${arn}" is not the ARN of a role.`);
  if (!identity.audiences.includes(stsAudience)) {
    throw new S3Error(
      'InvalidIdentityToken',
      `The token's audience is ${identity.audiences.join(', ')}, not ${stsAudience}.`,
    );
  }
  const role = roles.find((candidate) => candidate.name === name);
  if (role === undefined) {
    const known = roles.map((candidate) => candidate.name).join(', ');
    throw new S3Error('AccessDenied', `There is no role "${name}" here; known roles: ${known}.`);
  }
  if (!role.trustedSubjects.includes(identity.subject)) {
    const trusted = role.trustedSubjects.join(', ');
    throw new S3Error('AccessDenied', `Role "${name}" trusts ${trusted}, not ${identity.subject}.`);
  }
  return role;
}
