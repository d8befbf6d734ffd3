import { parseArgs } from 'node:util';

export type PeerSettings = 'default' | 'tight';

export interface Options {
  readonly runs: number;
  readonly peers: readonly PeerSettings[];
  /** Beginning of the names of what is measured. */
  readonly only: string;
  /** Whether the course of each run is printed on standard error. */
  readonly trace: boolean;
  /** As it was typed. */
  readonly command: string;
}

const peers: Readonly<Record<string, readonly PeerSettings[]>> = {
  none: [],
  default: ['default'],
  tight: ['tight'],
  all: ['default', 'tight'],
};

/** @throws Error naming the argument and what it may be. */
export function parseArguments(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      peer: { type: 'string', default: 'none' },
      only: { type: 'string', default: '' },
      trace: { type: 'boolean', default: false },
    },
  });
  const runs = Number(positionals[0] ?? 15);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`"${positionals[0]}" is not a number of runs`);
  const chosen = peers[values.peer];
  if (chosen === undefined) throw new Error(`--peer "${values.peer}" is not one of ${Object.keys(peers).join(', ')}`);
  return {
    runs,
    peers: chosen,
    only: values.only,
    trace: values.trace,
    command: ['node bench/failover.ts', ...args].join(' '),
  };
}
