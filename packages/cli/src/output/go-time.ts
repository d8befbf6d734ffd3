/** Times and durations as the plugin's readers know them. */

/** `1h2m3s`, rounded to seconds: Go's notation of a duration. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  if (hours > 0) return `${hours}h${minutes}m${rest}s`;
  return minutes > 0 ? `${minutes}m${rest}s` : `${rest}s`;
}

/** `2026-01-15 10:00:12 +0000 UTC`, rounded to seconds. */
export function formatTime(time: Date): string {
  const whole = new Date(Math.round(time.getTime() / 1000) * 1000);
  return `${whole.toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
}

/** Reads a time as Kubernetes or Go writes it: RFC 3339, or `2026-01-15 10:00:12 +0000 UTC`. */
export function parseTime(text: string): Date | undefined {
  const go = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) ([+-]\d\d)(\d\d)(?: \w+)?$/.exec(text);
  const iso = go === null ? text : `${go[1]}T${go[2]}${go[3]}:${go[4]}`;
  const time = new Date(iso.replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(time.getTime()) ? undefined : time;
}
