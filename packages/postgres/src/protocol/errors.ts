import type { ServerFields } from './messages.ts';

/** An error that the server reported. */
export class ServerError extends Error {
  /** SQLSTATE. */
  readonly code: string;

  constructor(fields: ServerFields) {
    const parts = [fields.message, fields.detail, fields.hint].filter((part) => part !== undefined);
    super(`${parts.join('; ')} (${fields.code})`);
    this.name = 'ServerError';
    this.code = fields.code;
  }
}

/** No session came about: the server is not there, not ready, or refuses us. Nothing was done, so it may be tried again. */
export class ConnectionFailure extends Error {
  override readonly name = 'ConnectionFailure';
}
