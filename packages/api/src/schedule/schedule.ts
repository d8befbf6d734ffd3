// Schedules of ScheduledBackups: six fields, seconds first, or a form that begins with @.
import { parseDuration } from '../values/duration.ts';
import { type Calendar, type ClockTime, localCalendar } from './calendar.ts';
import { type Field, fieldRanges, parseField } from './fields.ts';

export type Schedule =
  | {
      readonly kind: 'fields';
      readonly second: Field;
      readonly minute: Field;
      readonly hour: Field;
      readonly day: Field;
      readonly month: Field;
      readonly weekday: Field;
    }
  | { readonly kind: 'every'; readonly seconds: number };

export type ScheduleResult =
  | { readonly ok: true; readonly schedule: Schedule }
  | { readonly ok: false; readonly error: string };

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 0 1 1 *',
  '@annually': '0 0 0 1 1 *',
  '@monthly': '0 0 0 1 * *',
  '@weekly': '0 0 0 * * 0',
  '@daily': '0 0 0 * * *',
  '@midnight': '0 0 0 * * *',
  '@hourly': '0 0 * * * *',
};

/** The fields of a schedule, as its text is cut at blanks. */
export const scheduleFields = (text: string): string[] => text.split(/\s+/).filter((field) => field !== '');

export function parseSchedule(text: string): ScheduleResult {
  if (!text.startsWith('@')) return parseFields(text);
  const fields = descriptors[text];
  if (fields !== undefined) return parseFields(fields);
  return text.startsWith('@every ') ? parseEvery(text.slice('@every '.length)) : failure(`"${text}" is not known`);
}

const failure = (error: string): ScheduleResult => ({ ok: false, error });

function parseEvery(text: string): ScheduleResult {
  const nanoseconds = parseDuration(text);
  if (nanoseconds === undefined) return failure(`"${text}" is not a duration such as 1h30m`);
  return { ok: true, schedule: { kind: 'every', seconds: Math.max(1, Number(nanoseconds / 1_000_000_000n)) } };
}

function parseFields(text: string): ScheduleResult {
  const texts = scheduleFields(text);
  if (texts.length < 5 || texts.length > 6) {
    return failure(`"${text}" has ${texts.length} fields; needed are second, minute, hour, day, month [, day of week]`);
  }
  const parsed = fieldRanges.map((range, index) => parseField(texts[index] ?? '*', range));
  const wrong = parsed.find((field) => typeof field === 'string');
  const [second, minute, hour, day, month, weekday] = parsed.filter((field) => typeof field !== 'string');
  if (wrong !== undefined || !second || !minute || !hour || !day || !month || !weekday) return failure(wrong ?? text);
  return { ok: true, schedule: { kind: 'fields', second, minute, hour, day, month, weekday } };
}

/** How many years ahead a time is looked for. */
const horizonYears = 5;

/** The first time of the schedule after an instant, in whole seconds; undefined when there is none in five years. */
export function nextAfter(schedule: Schedule, after: Date, calendar: Calendar = localCalendar): Date | undefined {
  const second = Math.floor(after.getTime() / 1000) * 1000;
  if (schedule.kind === 'every') return new Date(second + schedule.seconds * 1000);
  let instant = second + 1000;
  const lastYear = calendar.clock(instant).year + horizonYears;
  for (;;) {
    const clock = calendar.clock(instant);
    if (clock.year > lastYear) return undefined;
    const tomorrow = calendar.nextDay(instant);
    const found = dayMatches(schedule, clock) ? nextWithin(schedule, instant, tomorrow, calendar) : undefined;
    if (found !== undefined) return new Date(found);
    instant = tomorrow;
  }
}

type FieldSchedule = Extract<Schedule, { kind: 'fields' }>;

function dayMatches({ month, day, weekday }: FieldSchedule, clock: ClockTime): boolean {
  if (!month.values.has(clock.month)) return false;
  const byDay = day.values.has(clock.day);
  const byWeekday = weekday.values.has(clock.weekday);
  return day.any || weekday.any ? byDay && byWeekday : byDay || byWeekday;
}

/** The first matching instant of [from, to). Steps in real time, so that skipped and repeated hours come out right. */
function nextWithin(schedule: FieldSchedule, from: number, to: number, calendar: Calendar): number | undefined {
  let instant = from;
  while (instant < to) {
    const { hour, minute, second } = calendar.clock(instant);
    if (!schedule.hour.values.has(hour)) instant += (3600 - minute * 60 - second) * 1000;
    else if (!schedule.minute.values.has(minute)) instant += (60 - second) * 1000;
    else if (!schedule.second.values.has(second)) instant += 1000;
    else return instant;
  }
  return undefined;
}
