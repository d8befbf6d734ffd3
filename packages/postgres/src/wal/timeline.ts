import { formatLsn, type Lsn, parseLsn } from './lsn.ts';

/** One line of a history file: `timeline` was left at `switchedAt` for the next one. */
export interface TimelineSwitch {
  readonly timeline: number;
  readonly switchedAt: Lsn;
  readonly reason: string;
}

export function historyFileName(timeline: number): string {
  return `${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`;
}

/** The timeline whose history the file tells, or undefined for another name. */
export function timelineOfHistoryFile(name: string): number | undefined {
  const match = /^([0-9A-F]{8})\.history$/.exec(name);
  return match === null ? undefined : Number.parseInt(match[1] ?? '', 16);
}

/**
 * Reads a `.history` file: the ancestors of a timeline, oldest first. Blank lines and comments are passed over.
 * @throws Error for a line that is not understood, or for numbers that do not rise.
 */
export function parseHistory(text: string): readonly TimelineSwitch[] {
  const switches: TimelineSwitch[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [number = '', position = '', ...reason] = line.split(/\s+/);
    if (!/^[0-9]+$/.test(number)) throw new Error(`timeline history: "${line}" does not start with a timeline number`);
    const entry = { timeline: Number(number), switchedAt: parseLsn(position), reason: reason.join(' ') };
    const previous = switches.at(-1);
    if (previous !== undefined && previous.timeline >= entry.timeline) {
      throw new Error(
        `timeline history: timeline ${entry.timeline} comes after ${previous.timeline}; numbers must rise`,
      );
    }
    switches.push(entry);
  }
  return switches;
}

export function formatHistory(switches: readonly TimelineSwitch[]): string {
  return switches.map((entry) => `${entry.timeline}\t${formatLsn(entry.switchedAt)}\t${entry.reason}\n`).join('');
}

/** Whether a server at `position` of `timeline` can go on along this history: it has not passed the branch. */
export function isOnHistory(
  history: readonly TimelineSwitch[],
  current: number,
  timeline: number,
  position: Lsn,
): boolean {
  if (timeline === current) return true;
  const left = history.find((entry) => entry.timeline === timeline);
  return left !== undefined && position <= left.switchedAt;
}
