import type { Duplex } from 'node:stream';
import type { Message } from './messages.ts';

/** A server sends nothing longer than a row of text or a piece of a copy; more means that we lost the beat. */
const longestMessage = 1024 * 1024 * 1024;

export interface Wire {
  write(data: Buffer): void;
  /** The next message; undefined once the server has closed the connection. */
  next(): Promise<Message | undefined>;
}

/**
 * Cuts the stream of a socket into protocol messages. Reading is pulled: while nobody asks for the next message the
 * socket stands still, and so does the server.
 */
export function createWire(socket: Duplex): Wire {
  let waiting: Buffer = Buffer.alloc(0);
  let ended = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  const notify = () => {
    wake?.();
    wake = undefined;
  };
  const end = () => {
    ended = true;
    notify();
  };
  socket.on('readable', notify).on('end', end).on('close', end);
  socket.on('error', (error: Error) => {
    failure = error;
    notify();
  });

  /** Makes at least `size` bytes available; false at the end of the stream. */
  const fill = async (size: number): Promise<boolean> => {
    while (waiting.length < size) {
      const piece: Buffer | null = socket.read();
      if (piece !== null) waiting = waiting.length === 0 ? piece : Buffer.concat([waiting, piece]);
      else if (failure !== undefined) throw failure;
      else if (ended) return false;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
    return true;
  };

  return {
    write: (data) => void socket.write(data),
    async next() {
      if (!(await fill(5))) {
        if (waiting.length > 0) throw new Error('the connection was closed within a message');
        return undefined;
      }
      const length = waiting.readUInt32BE(1);
      if (length < 4 || length > longestMessage) throw new Error(`the server sent a message of ${length} bytes`);
      if (!(await fill(length + 1))) throw new Error('the connection was closed within a message');
      const whole = waiting.subarray(0, length + 1);
      waiting = waiting.subarray(length + 1);
      return { type: whole.toString('latin1', 0, 1), body: whole.subarray(5) };
    },
  };
}
