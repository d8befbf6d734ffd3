/** The token between two pages: the version that the first page showed and the last key given out. */

import { badRequest } from '../registry/errors.ts';

export interface ContinuePoint {
  /** -1: whatever is there when the next page is asked for. */
  version: number;
  key: string;
}

export function encodeContinue({ version, key }: ContinuePoint): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: version, start: key })).toString('base64url');
}

/** Throws ApiError 400 for a token that is not ours. */
export function decodeContinue(token: string): ContinuePoint {
  const text = Buffer.from(token, 'base64url').toString('latin1');
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    throw badToken(`continue key is not valid: invalid character ${goCharacter(text)} looking for beginning of value`);
  }
  const { v, rv, start } = value as { v?: unknown; rv?: unknown; start?: unknown };
  if (v !== 'meta.k8s.io/v1')
    throw badToken('continue key is not valid: server does not recognize this encoded version');
  if (typeof rv !== 'number' || typeof start !== 'string' || rv === 0) {
    throw badToken('continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  }
  return { version: rv, key: start };
}

const badToken = (why: string): Error => badRequest(`invalid continue token: ${why}`);

function goCharacter(text: string): string {
  const code = text.charCodeAt(0);
  const printable = code >= 0x20 && code < 0x7f;
  return `'${printable ? text.charAt(0) : `\\u${code.toString(16).padStart(4, '0')}`}'`;
}
