import { element, xmlDocument } from './xml.ts';

/** Error codes of the S3 and STS APIs that this server answers, with their HTTP status. */
const statuses = {
  AccessDenied: 403,
  AuthorizationHeaderMalformed: 400,
  BadDigest: 400,
  BucketAlreadyOwnedByYou: 409,
  BucketNotEmpty: 409,
  EntityTooLarge: 400,
  ExpiredToken: 400,
  IDPRejectedClaim: 403,
  IncompleteBody: 400,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidBucketName: 400,
  InvalidIdentityToken: 400,
  InvalidPart: 400,
  InvalidPartOrder: 400,
  InvalidRange: 416,
  InvalidToken: 400,
  MalformedXML: 400,
  MethodNotAllowed: 405,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  NotImplemented: 501,
  PreconditionFailed: 412,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  ValidationError: 400,
} as const;

export type S3ErrorCode = keyof typeof statuses;

/** A refusal as S3 words it. */
export class S3Error extends Error {
  readonly code: S3ErrorCode;

  constructor(code: S3ErrorCode, message: string) {
    super(message);
    this.name = 'S3Error';
    this.code = code;
  }

  get status(): number {
    return statuses[this.code];
  }
}

/** The XML body of a refusal by the object store. */
export function s3ErrorBody(error: S3Error, resource: string, requestId: string): string {
  return xmlDocument(
    element('Error', [
      element('Code', error.code),
      element('Message', error.message),
      element('Resource', resource),
      element('RequestId', requestId),
    ]),
  );
}

/** The XML body of a refusal by the token service. */
export function stsErrorBody(error: S3Error, requestId: string): string {
  const detail = element('Error', [
    element('Type', 'Sender'),
    element('Code', error.code),
    element('Message', error.message),
  ]);
  return xmlDocument(
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${detail}${element('RequestId', requestId)}</ErrorResponse>`,
  );
}
