import { blockSize, decodeHeader, paddingOf, parsePax, type TarEntry } from './header.ts';

/** One member: its header and its content, which must be read to its end before the next member. */
export interface TarMember {
  entry: TarEntry;
  content: AsyncIterable<Buffer>;
}

/** The members of a tar stream. An archive that ends before its end mark is an error: it is not complete. */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<TarMember> {
  const input = new BlockInput(source);
  let overrides = new Map<string, string>();
  for (;;) {
    const block = await input.take(blockSize);
    if (block === undefined) throw new Error('tar archive ends without its end mark: it is incomplete');
    const entry = decodeHeader(block);
    if (entry === undefined) break;
    if (entry.type === 'pax' || entry.type === 'gnu-name' || entry.type === 'gnu-link' || entry.type === 'pax-global') {
      overrides = mergeOverrides(overrides, entry, await input.whole(entry.size));
      continue;
    }
    const member = applyOverrides(entry, overrides);
    overrides = new Map();
    yield { entry: member, content: input.content(member.size) };
    await input.finish();
  }
  await input.drain();
}

function mergeOverrides(overrides: Map<string, string>, entry: TarEntry, body: Buffer): Map<string, string> {
  // A global header holds defaults such as comments; nothing in it applies to a backup's members.
  if (entry.type === 'pax-global') return overrides;
  if (entry.type === 'pax') return new Map([...overrides, ...parsePax(body)]);
  const end = body.indexOf(0);
  const value = body.toString('utf8', 0, end < 0 ? body.length : end);
  return new Map(overrides).set(entry.type === 'gnu-name' ? 'path' : 'linkpath', value);
}

function applyOverrides(entry: TarEntry, overrides: Map<string, string>): TarEntry {
  const number = (key: string, plain: number) => {
    const value = overrides.get(key);
    return value === undefined ? plain : Number(value);
  };
  return {
    ...entry,
    name: overrides.get('path') ?? entry.name,
    linkName: overrides.get('linkpath') ?? entry.linkName,
    size: number('size', entry.size),
    uid: number('uid', entry.uid),
    gid: number('gid', entry.gid),
    mtime: number('mtime', entry.mtime),
  };
}

/** Cuts a stream of buffers into headers and contents without copying the contents. */
class BlockInput {
  readonly #source: AsyncIterator<Buffer>;
  #waiting: Buffer = Buffer.alloc(0);
  #left = 0;
  #padding = 0;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done) return false;
    this.#waiting = this.#waiting.length === 0 ? next.value : Buffer.concat([this.#waiting, next.value]);
    return true;
  }

  /** Exactly `size` bytes, undefined when the stream ends before. */
  async take(size: number): Promise<Buffer | undefined> {
    while (this.#waiting.length < size) if (!(await this.#more())) return undefined;
    const block = this.#waiting.subarray(0, size);
    this.#waiting = this.#waiting.subarray(size);
    return block;
  }

  async whole(size: number): Promise<Buffer> {
    const body = await this.take(size + paddingOf(size));
    if (body === undefined) throw new Error('tar archive ends within a header: it is incomplete');
    return body.subarray(0, size);
  }

  /** The content of a member of `size` bytes; the bytes are given out once, to whoever reads first. */
  content(size: number): AsyncIterable<Buffer> {
    this.#left = size;
    this.#padding = paddingOf(size);
    return this.#rest();
  }

  async *#rest(): AsyncGenerator<Buffer> {
    while (this.#left > 0) {
      if (this.#waiting.length === 0 && !(await this.#more())) {
        throw new Error('tar archive ends within a file: it is incomplete');
      }
      const piece = this.#waiting.subarray(0, this.#left);
      this.#waiting = this.#waiting.subarray(piece.length);
      this.#left -= piece.length;
      yield piece;
    }
  }

  /** Passes over what the reader left of the content, and over its padding. */
  async finish(): Promise<void> {
    for await (const piece of this.#rest()) void piece;
    if (this.#padding > 0) await this.take(this.#padding);
    this.#padding = 0;
  }

  async drain(): Promise<void> {
    this.#waiting = Buffer.alloc(0);
    while (await this.#more()) this.#waiting = Buffer.alloc(0);
  }
}
