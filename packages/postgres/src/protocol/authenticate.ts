import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { ServerError } from './errors.ts';
import { encodePassword, encodeSaslInitial, encodeSaslResponse, parseFields } from './messages.ts';
import type { Wire } from './wire.ts';

const derive = promisify(pbkdf2);

/** Answers of the server to a startup packet, by the number in an Authentication message. */
const request = { ok: 0, cleartext: 3, md5: 5, sasl: 10, saslContinue: 11, saslFinal: 12 } as const;

const mechanism = 'SCRAM-SHA-256';

/** Goes through authentication until the server says that it is satisfied. A client certificate needs no step here. */
export async function authenticate(wire: Wire, user: string, password: string | undefined): Promise<void> {
  for (;;) {
    const body = await nextRequest(wire);
    const kind = body.readUInt32BE(0);
    if (kind === request.ok) return;
    if (password === undefined) {
      throw new Error(`the server wants a password for "${user}" and the connection has none`);
    }
    if (kind === request.cleartext) wire.write(encodePassword(password));
    else if (kind === request.md5) wire.write(encodePassword(md5Answer(user, password, body.subarray(4, 8))));
    else if (kind === request.sasl) await scram(wire, password, body.toString('latin1', 4).split('\0'));
    else
      throw new Error(
        `the server wants authentication method ${kind}, which we do not know: use a certificate or scram-sha-256`,
      );
  }
}

async function nextRequest(wire: Wire): Promise<Buffer> {
  for (;;) {
    const message = await wire.next();
    if (message === undefined) throw new Error('the server closed the connection during authentication');
    if (message.type === 'E') throw new ServerError(parseFields(message.body));
    if (message.type === 'R') return message.body;
  }
}

function md5Answer(user: string, password: string, salt: Buffer): string {
  const hex = (data: string | Buffer) => createHash('md5').update(data).digest('hex');
  return `md5${hex(Buffer.concat([Buffer.from(hex(password + user)), salt]))}`;
}

/** SCRAM-SHA-256 (RFC 7677) without channel binding. */
async function scram(wire: Wire, password: string, offered: readonly string[]): Promise<void> {
  if (!offered.includes(mechanism)) throw new Error(`the server offers ${offered.join(', ')} but not ${mechanism}`);
  const clientNonce = randomBytes(18).toString('base64');
  const clientFirst = `n=,r=${clientNonce}`;
  wire.write(encodeSaslInitial(mechanism, `n,,${clientFirst}`));
  const serverFirst = await saslMessage(wire, request.saslContinue);
  const { r: nonce = '', s: salt = '', i: rounds = '' } = attributes(serverFirst);
  if (!nonce.startsWith(clientNonce) || nonce.length === clientNonce.length || !(Number(rounds) >= 1)) {
    throw new Error('the server sent a damaged SCRAM challenge');
  }
  const salted = await derive(password.normalize('NFKC'), Buffer.from(salt, 'base64'), Number(rounds), 32, 'sha256');
  const clientKey = hmac(salted, 'Client Key');
  const withoutProof = `c=biws,r=${nonce}`;
  const everything = `${clientFirst},${serverFirst},${withoutProof}`;
  const signature = hmac(createHash('sha256').update(clientKey).digest(), everything);
  const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
  wire.write(encodeSaslResponse(`${withoutProof},p=${proof.toString('base64')}`));
  const { v: verifier = '' } = attributes(await saslMessage(wire, request.saslFinal));
  const expected = hmac(hmac(salted, 'Server Key'), everything);
  const given = Buffer.from(verifier, 'base64');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new Error('the server does not know the password either: it may be an impostor');
  }
}

async function saslMessage(wire: Wire, expected: number): Promise<string> {
  const body = await nextRequest(wire);
  if (body.readUInt32BE(0) !== expected) throw new Error('the server left the SCRAM exchange');
  return body.toString('utf8', 4);
}

function attributes(message: string): Partial<Record<string, string>> {
  return Object.fromEntries(message.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
}

const hmac = (key: Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
