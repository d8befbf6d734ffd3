import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);

const iterations = 4096;
const digestBytes = 32;

/**
 * What PostgreSQL keeps instead of a password (SCRAM-SHA-256). Made here, so that the password itself is in no
 * statement and in no log of the server. Where the password is no valid UTF-8 or cannot be prepared, PostgreSQL uses
 * the bytes as they are, and so do we; NFKC is what the preparation does to letters in common use.
 */
export async function scramVerifier(password: string, salt: Buffer = randomBytes(16)): Promise<string> {
  const salted = await derive(password.normalize('NFKC'), salt, iterations, digestBytes, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

/** Whether the text is what PostgreSQL stores already: such a one is taken as it is. */
export function isVerifier(text: string): boolean {
  return (
    /^SCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+$/.test(text) || /^md5[0-9a-f]{32}$/.test(text)
  );
}

/** The value for `PASSWORD`: a verifier, or the given one. */
export async function storedPassword(password: string): Promise<string> {
  return isVerifier(password) ? password : scramVerifier(password);
}
