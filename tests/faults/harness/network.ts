/** Cuts connections between parties of one running system, as far as the machine allows it. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Cut, cutTable } from './cut-rules.ts';
import { type NetClasses, openNetClasses } from './net-classes.ts';

export interface Network {
  readonly classes: NetClasses;
  /** Cuts; `heal` makes everything whole again. One cut at a time: a second call replaces the first. */
  cut(cuts: readonly Cut[]): void;
  heal(): void;
  close(): void;
}

export type NetworkAnswer =
  | { readonly kind: 'allowed'; readonly network: Network }
  /** `reason` says what is missing. */
  | { readonly kind: 'refused'; readonly reason: string };

export function openNetwork(): NetworkAnswer {
  if (process.platform !== 'linux') return { kind: 'refused', reason: 'connections are cut on Linux only' };
  if (process.getuid?.() !== 0) return { kind: 'refused', reason: 'only root may cut connections' };
  const table = `${prefix}${process.pid}`;
  try {
    removeLeftovers();
  } catch (error) {
    return { kind: 'refused', reason: `nft (Debian package nftables) does not work here: ${firstLine(error)}` };
  }
  try {
    return { kind: 'allowed', network: createNetwork(table, openNetClasses(table)) };
  } catch (error) {
    return { kind: 'refused', reason: `the control group net_cls cannot be used: ${firstLine(error)}` };
  }
}

const prefix = 'matriarch_faults_';

/** Tables of runs that were killed: what they cut would stay cut. */
function removeLeftovers(): void {
  const tables = execFileSync('nft', ['list', 'tables', 'inet'], { encoding: 'utf8', stdio: 'pipe', timeout: 10_000 });
  for (const [, pid] of tables.matchAll(new RegExp(`${prefix}(\\d+)`, 'g')))
    if (!existsSync(`/proc/${pid}`)) nft(`delete table inet ${prefix}${pid}\n`);
}

function createNetwork(table: string, classes: NetClasses): Network {
  let number = 0;
  let isCut = false;
  const heal = () => {
    if (isCut) nft(`delete table inet ${table}\n`);
    isCut = false;
  };
  // A run that fails in the midst of a cut leaves a whole network too.
  process.once('exit', heal);
  return {
    classes,
    cut(cuts) {
      number += 1;
      // One transaction: no packet passes between the old table and the new one.
      nft(`${isCut ? `delete table inet ${table}\n` : ''}${cutTable(table, number, cuts)}`);
      isCut = true;
    },
    heal,
    close() {
      heal();
      process.off('exit', heal);
      classes.remove();
    },
  };
}

function nft(commands: string): void {
  execFileSync('nft', ['-f', '-'], { input: commands, stdio: 'pipe', timeout: 10_000 });
}

const firstLine = (error: unknown) => String(error instanceof Error ? error.message : error).split('\n')[0];
