/**
 * The server's side of a SPDY/3.1 connection: the client opens streams, both sides send on them. Without flow control, as the
 * clients of Kubernetes speak it: what cannot be taken at once makes the whole connection wait.
 */
import { Duplex } from 'node:stream';
import {
  controlFrame,
  createFrameReader,
  dataFrame,
  FIN,
  type Frame,
  GOAWAY,
  PING,
  RST_STREAM,
  SYN_REPLY,
  SYN_STREAM,
} from './spdy-frames.ts';
import { createHeaderCodec, type HeaderCodec, type Headers } from './spdy-headers.ts';

export interface SpdyStream extends Duplex {
  readonly headers: Headers;
}

export interface SpdyConnection {
  /** Tells the other side that no more comes and ends the transport. */
  close(): void;
}

const CHUNK = 32 * 1024;

type Send = (frame: Buffer, done?: (error?: Error | null) => void) => void;

class Stream extends Duplex implements SpdyStream {
  readonly headers: Headers;
  readonly #id: number;
  readonly #send: Send;
  readonly #resume: () => void;

  constructor(id: number, headers: Headers, send: Send, resume: () => void) {
    super({ allowHalfOpen: true });
    this.headers = headers;
    this.#id = id;
    this.#send = send;
    this.#resume = resume;
  }

  override _read(): void {
    this.#resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    let at = 0;
    for (; at + CHUNK < chunk.length; at += CHUNK) this.#send(dataFrame(this.#id, chunk.subarray(at, at + CHUNK)));
    this.#send(dataFrame(this.#id, chunk.subarray(at)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#send(dataFrame(this.#id, Buffer.alloc(0), FIN), done);
  }
}

/** Speaks SPDY over the transport. `onStream` is told of each stream after the reply to it is sent. */
export function serveSpdy(transport: Duplex, onStream: (stream: SpdyStream) => void): SpdyConnection {
  const codec = createHeaderCodec();
  const read = createFrameReader();
  const streams = new Map<number, Stream>();
  let work: Promise<void> = Promise.resolve();

  const send: Send = (frame, done) => {
    if (transport.destroyed || transport.writableEnded) done?.(new Error('the connection is closed'));
    else transport.write(frame, done);
  };
  const resume = () => {
    transport.resume();
  };
  const fail = (error: Error): void => {
    transport.destroy(error);
  };
  const open = async (frame: Extract<Frame, { kind: 'control' }>) => {
    const id = frame.body.readUInt32BE(0) & 0x7fffffff;
    const headers = await codec.decode(frame.body.subarray(10));
    const stream = new Stream(id, headers, send, resume);
    stream.on('error', () => undefined);
    streams.set(id, stream);
    stream.once('close', () => streams.delete(id));
    await reply(codec, id, send);
    if (frame.flags & FIN) stream.push(null);
    onStream(stream);
  };
  const control = async (frame: Extract<Frame, { kind: 'control' }>) => {
    if (frame.type === SYN_STREAM) await open(frame);
    else if (frame.type === PING) send(controlFrame(PING, frame.body));
    else if (frame.type === RST_STREAM) streams.get(frame.body.readUInt32BE(0) & 0x7fffffff)?.destroy();
  };
  const data = ({ stream: id, body, flags }: Extract<Frame, { kind: 'data' }>) => {
    const stream = streams.get(id);
    if (!stream || stream.readableEnded) return;
    if (body.length > 0 && !stream.push(body)) transport.pause();
    if (flags & FIN) stream.push(null);
  };
  transport.on('data', (chunk: Buffer) => {
    let frames: Frame[];
    try {
      frames = read(chunk);
    } catch (error) {
      fail(error as Error);
      return;
    }
    // One after another: a header block must be decoded before the data that follow it.
    for (const frame of frames)
      work = work.then(() => (frame.kind === 'data' ? data(frame) : control(frame))).catch(fail);
  });
  transport.on('error', () => undefined);
  const over = () => {
    for (const stream of streams.values()) stream.destroy();
  };
  transport.once('end', over);
  transport.once('close', over);
  return {
    close: () => {
      send(controlFrame(GOAWAY, Buffer.alloc(8)));
      transport.end();
    },
  };
}

async function reply(codec: HeaderCodec, id: number, send: Send): Promise<void> {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(id);
  send(controlFrame(SYN_REPLY, Buffer.concat([head, await codec.encode(new Map())])));
}
