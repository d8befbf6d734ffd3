import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { StoreError, type StreamPutOptions } from '../store.ts';
import { encryptionFields, sendOptions, taggingHeader } from './request.ts';

/** Parts of one object under way at once: reading and compressing goes on while a part is sent. */
const partsInFlight = 2;

interface Upload {
  client: S3Client;
  bucket: string;
  key: string;
  body: AsyncIterable<Uint8Array>;
  options: StreamPutOptions;
}

/**
 * Multipart upload of a stream, also a tiny one. Holds at most `partsInFlight + 1` parts in memory. Before an error is
 * passed on the upload is aborted, so that no invisible parts stay behind and cost money.
 */
export async function uploadMultipart(upload: Upload): Promise<number> {
  const { client, bucket, key, options } = upload;
  const target = { Bucket: bucket, Key: key };
  const created = await client.send(
    new CreateMultipartUploadCommand({ ...target, ...encryptionFields(options), ...taggingHeader(options.tags) }),
    sendOptions(options.signal),
  );
  if (created.UploadId === undefined) throw new StoreError('unreachable', `no upload id for ${key}`);
  const session = { ...target, UploadId: created.UploadId };
  try {
    const { parts, size } = await sendParts(upload, session);
    await client.send(
      new CompleteMultipartUploadCommand({ ...session, MultipartUpload: { Parts: parts } }),
      sendOptions(options.signal),
    );
    return size;
  } catch (error) {
    // The first error is the one to report; an upload that cannot be aborted now is the bucket's life-cycle rule's.
    await client.send(new AbortMultipartUploadCommand(session)).catch(() => undefined);
    throw error;
  }
}

async function sendParts(upload: Upload, session: { Bucket: string; Key: string; UploadId: string }) {
  const parts: CompletedPart[] = [];
  const running = new Set<Promise<void>>();
  let size = 0;
  let number = 0;
  const send = async (partNumber: number, body: Buffer) => {
    const command = new UploadPartCommand({
      ...session,
      PartNumber: partNumber,
      Body: body,
      ContentLength: body.length,
    });
    const answer = await upload.client.send(command, sendOptions(upload.options.signal));
    parts.push({ PartNumber: partNumber, ETag: answer.ETag });
  };
  try {
    for await (const part of chunks(upload.body, upload.options.partSize)) {
      size += part.length;
      number += 1;
      const job = send(number, part).finally(() => running.delete(job));
      // Also awaited below; this handler only keeps an early failure from counting as unhandled.
      job.catch(() => undefined);
      running.add(job);
      if (running.size >= partsInFlight) await Promise.race(running);
    }
    await Promise.all(running);
  } catch (error) {
    await Promise.allSettled(running);
    throw error;
  }
  parts.sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0));
  return { parts, size };
}

/** Gathers a stream into buffers of at least `size` bytes; the last may be smaller, and there is always one. */
async function* chunks(body: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  let sent = 0;
  for await (const piece of body) {
    pieces.push(piece);
    length += piece.byteLength;
    if (length < size) continue;
    yield Buffer.concat(pieces, length);
    sent += 1;
    pieces = [];
    length = 0;
  }
  if (length > 0 || sent === 0) yield Buffer.concat(pieces, length);
}
