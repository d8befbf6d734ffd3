/** The body of a write, in any of the forms that are accepted. */

import { type Decoded, decodeBody, mediaType, unsupportedMediaType } from '../decode/body.ts';
import { canDecode, decodeMessage, PROTOBUF, readEnvelope } from '../decode/protobuf/decode.ts';
import { badRequest } from '../registry/errors.ts';
import type { TypeSchema } from '../registry/types.ts';
import type { Exchange } from './exchange.ts';
import { readBody, readBytes } from './respond.ts';

/** `kind` and `schema`: what the address expects. */
export async function readDecoded({ req }: Exchange, kind: string, schema: TypeSchema): Promise<Decoded> {
  const type = mediaType(req.headers['content-type']);
  if (type === PROTOBUF) return decodeProtobuf(await readBytes(req), kind, schema);
  if (type !== 'application/json' && type !== 'application/yaml') throw unsupportedMediaType();
  return decodeBody(await readBody(req), type, kind);
}

function decodeProtobuf(body: Buffer, kind: string, schema: TypeSchema): Decoded {
  const envelope = readEnvelope(body);
  if (envelope === undefined || !canDecode(schema)) throw unsupportedMediaType();
  try {
    const { apiVersion, kind: sent, raw } = envelope;
    return { value: { apiVersion, kind: sent, ...decodeMessage(raw, schema) }, duplicates: [] };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why}`);
  }
}
