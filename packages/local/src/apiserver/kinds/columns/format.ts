/** How table cells write ages, lists and maps. */
import type { ApiObject, Json, JsonObject, TableColumn } from '../../registry/types.ts';

export const NONE = '<none>';
export const UNKNOWN = '<unknown>';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;
const YEAR = 365;

function pair(whole: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${whole}${unit}` : `${whole}${unit}${rest}${restUnit}`;
}

/** A length of time in one or two units: `5s`, `3m20s`, `47h`, `2y326d`. */
export function duration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  const [minutes, hours, days] = [Math.floor(seconds / MINUTE), Math.floor(seconds / HOUR), Math.floor(seconds / DAY)];
  if (seconds < 2 * MINUTE) return `${seconds}s`;
  if (minutes < 10) return pair(minutes, 'm', seconds % MINUTE, 's');
  if (minutes < 3 * 60) return `${minutes}m`;
  if (hours < 8) return pair(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  if (days < 8) return pair(days, 'd', hours % 24, 'h');
  if (days < 2 * YEAR) return `${days}d`;
  const years = Math.floor(days / YEAR);
  return years < 8 ? pair(years, 'y', days % YEAR, 'd') : `${years}y`;
}

/** The age of something that happened at `time`. */
export function age(time: unknown, now: Date): string {
  return typeof time === 'string' && time !== '' ? duration(now.getTime() - Date.parse(time)) : UNKNOWN;
}

/** `a=b,c=d` in the order of the keys. */
export function labels(map: unknown): string {
  const entries = Object.entries(record(map)).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? NONE : entries.map(([key, value]) => `${key}=${String(value)}`).join(',');
}

/** A label selector as `kubectl` writes it. */
export function selector(value: unknown): string {
  const { matchLabels, matchExpressions } = record(value);
  const parts = Object.entries(record(matchLabels))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, wanted]) => `${key}=${String(wanted)}`);
  for (const expression of records(matchExpressions)) parts.push(expressionText(expression));
  return parts.length === 0 ? NONE : parts.join(',');
}

function expressionText({ key, operator, values }: JsonObject): string {
  const list = `(${strings(values).sort().join(',')})`;
  if (operator === 'In') return `${String(key)} in ${list}`;
  if (operator === 'NotIn') return `${String(key)} notin ${list}`;
  return operator === 'Exists' ? String(key) : `!${String(key)}`;
}

/** The object at hand, or an empty one for anything else. */
export function record(value: unknown): JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** The objects of a list; nothing for anything else. */
export function records(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.map(record) : [];
}

export function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

export function text(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}

export function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

type Cell = (object: ApiObject, now: Date) => Json;

/** A column of strings that is always shown. `priority` 1: only in wide output. */
export function column(name: string, description: string, cell: Cell, more: Partial<TableColumn> = {}): TableColumn {
  return { name, type: 'string', format: '', description, priority: 0, cell, ...more };
}

export function wide(name: string, description: string, cell: Cell): TableColumn {
  return column(name, description, cell, { priority: 1 });
}

export const nameColumn = column('Name', 'Name of the object', (object) => text(object.metadata.name), {
  format: 'name',
});
export const ageColumn = column('Age', 'Time since the object was created', (object, now) =>
  age(object.metadata.creationTimestamp, now),
);

/** Columns of kinds that have none of their own. */
export const plainColumns: readonly TableColumn[] = [
  nameColumn,
  column('Created At', 'When the object was created', (object) => object.metadata.creationTimestamp ?? '', {
    type: 'date',
  }),
];
