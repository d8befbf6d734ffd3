import type { Branch } from './wal.ts';

/** The volume of one instance, which outlives processes and pods. */
export interface Disk {
  readonly instance: string;
  /** Where it is; volumes do not move. */
  readonly machine: string;
  branch: Branch;
  /** WAL that would be read after a crash of the process. */
  written: number;
  /** WAL that would be read after a loss of power. */
  flushed: number;
  /** standby.signal is there. */
  standby: boolean;
  /** The configuration names a primary to receive from. */
  connected: boolean;
  /** Place of the shutdown checkpoint, if the last end was clean and a primary's. */
  clean: number | undefined;
  /** Why nothing can be written to it; 0 = it works. */
  hung: number;
  /** The last restartpoint or checkpoint told of this timeline. */
  controlTimeline: number;
  /** A copy or a rewind was begun and not finished: no server can start from it. */
  torn: boolean;
}

export function createDisk(instance: string, machine: string, branch: Branch, lsn: number, standby: boolean): Disk {
  return {
    instance,
    machine,
    branch,
    written: lsn,
    flushed: lsn,
    standby,
    connected: true,
    clean: undefined,
    hung: 0,
    controlTimeline: branch.timeline,
    torn: false,
  };
}
