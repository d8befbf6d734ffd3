import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { compressor, extensionOf } from '../compression/formats.ts';
import type { Compression } from '../config.ts';
import { joinKey } from '../location.ts';
import type { ObjectStore } from '../store.ts';
import { blockSize } from '../tar/header.ts';

export interface SeriesOptions {
  store: ObjectStore;
  /** Key of the backup's folder. */
  folder: string;
  /** `data`, or the oid of a tablespace. */
  name: string;
  compression: Compression | undefined;
  encryption: string | undefined;
  tags: Readonly<Record<string, string>> | undefined;
  /** Compressed bytes after which the next member begins a new archive. */
  maxArchiveBytes: number;
  partSize: number;
  signal: AbortSignal | undefined;
}

/** One archive under way: what is written to `input` is compressed and uploaded. */
interface OpenArchive {
  input: PassThrough;
  /** Bytes that left the compressor. */
  produced: number;
  upload: Promise<number>;
  /** Set when the upload failed; the next write reports it. */
  failure: Error | undefined;
}

/**
 * A series of tar archives: `NAME.tar.gz`, `NAME_0001.tar.gz`, ... A member is never split. Writing waits for the
 * upload, so that memory stays bounded however large the files are.
 */
export class ArchiveSeries {
  readonly #options: SeriesOptions;
  #open: OpenArchive | undefined;
  #count = 0;

  constructor(options: SeriesOptions) {
    this.#options = options;
  }

  /** To be called before a member: goes on to the next archive when the current one is full. */
  async beginMember(): Promise<void> {
    if (this.#open !== undefined && this.#open.produced > this.#options.maxArchiveBytes) await this.close();
    this.#open ??= this.#start();
  }

  async write(bytes: Uint8Array): Promise<void> {
    const open = this.#open;
    if (open === undefined) throw new Error('write before beginMember');
    if (open.failure !== undefined) throw open.failure;
    if (open.input.write(bytes)) return;
    await Promise.race([once(open.input, 'drain'), open.upload]);
  }

  /** Writes the end mark and waits until the store has the archive. */
  async close(): Promise<void> {
    const open = this.#open ?? this.#start();
    this.#open = undefined;
    open.input.end(Buffer.alloc(2 * blockSize));
    await open.upload;
  }

  /** Gives up: the upload under way is aborted and leaves nothing behind. */
  async abort(reason: Error): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    open?.input.destroy(reason);
    await open?.upload.catch(() => undefined);
  }

  #start(): OpenArchive {
    const { store, folder, name, compression, encryption, tags, partSize, signal } = this.#options;
    const suffix = this.#count === 0 ? '' : `_${String(this.#count).padStart(4, '0')}`;
    this.#count += 1;
    const key = joinKey(folder, `${name}${suffix}.tar${extensionOf(compression)}`);
    const input = new PassThrough({ highWaterMark: 1024 * 1024 });
    const stream = compressor(compression, 'base');
    if (stream !== undefined) input.on('error', (error) => stream.destroy(error));
    const output = stream === undefined ? input : input.pipe(stream);
    const open: OpenArchive = { input, produced: 0, upload: Promise.resolve(0), failure: undefined };
    const counted = async function* () {
      for await (const piece of output as AsyncIterable<Buffer>) {
        open.produced += piece.length;
        yield piece;
      }
    };
    open.upload = store.putStream(key, counted(), { encryption, tags, partSize, signal });
    open.upload.catch((error: Error) => {
      open.failure = error;
    });
    return open;
  }
}
