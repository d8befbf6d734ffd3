import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Calendar, localCalendar, utcCalendar } from './calendar.ts';
import { nextAfter, parseSchedule, type Schedule } from './schedule.ts';

function schedule(text: string): Schedule {
  const result = parseSchedule(text);
  assert.ok(result.ok, text);
  return result.schedule;
}
const next = (text: string, after: string) => nextAfter(schedule(text), new Date(after), utcCalendar)?.toISOString();

test('the time after an instant', () => {
  const cases = [
    ['0 0 0 * * *', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00.000Z'],
    ['0 0 0 * * *', '2025-12-31T23:59:59.999Z', '2026-01-01T00:00:00.000Z'],
    ['0 30 2 * * *', '2026-01-01T02:29:59.001Z', '2026-01-01T02:30:00.000Z'],
    // Five fields are second to month: the day of week is what is left out.
    ['0 0 3 * *', '2026-01-01T04:00:00Z', '2026-01-02T03:00:00.000Z'],
    ['*/20 * * * * *', '2026-01-01T00:00:40Z', '2026-01-01T00:01:00.000Z'],
    ['10/20 * * * * *', '2026-01-01T00:00:10Z', '2026-01-01T00:00:30.000Z'],
    ['0 0 0 29 2 *', '2025-01-01T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['0 0 0 31 apr,JUN *', '2025-01-01T00:00:00Z', undefined],
    // Neither day field has a star: one of them is enough.
    ['0 0 0 13 * fri', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00.000Z'],
    ['0 0 0 13 * Fri', '2026-01-09T00:00:00Z', '2026-01-13T00:00:00.000Z'],
    // A star with a step is still a star: both must match.
    ['0 0 0 */2 * mon', '2026-01-01T00:00:00Z', '2026-01-05T00:00:00.000Z'],
    ['0 0 0 ? * sun', '2026-01-01T00:00:00Z', '2026-01-04T00:00:00.000Z'],
    ['@yearly', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00.000Z'],
    ['@monthly', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00.000Z'],
    ['@weekly', '2026-01-01T00:00:00Z', '2026-01-04T00:00:00.000Z'],
    ['@midnight', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00.000Z'],
    ['@hourly', '2026-01-01T00:59:59Z', '2026-01-01T01:00:00.000Z'],
    ['@every 1h30m', '2026-01-01T00:00:00.900Z', '2026-01-01T01:30:00.000Z'],
    ['@every 1500ms', '2026-01-01T00:00:00Z', '2026-01-01T00:00:01.000Z'],
    ['@every -5s', '2026-01-01T00:00:00Z', '2026-01-01T00:00:01.000Z'],
  ] as const;
  for (const [text, after, expected] of cases) assert.equal(next(text, after), expected, `${text} after ${after}`);
});

test('what is not a schedule', () => {
  const cases = [
    '',
    '* * * *',
    '* * * * * * *',
    '60 * * * * *',
    '* * 24 * * *',
    '* * * 0 * *',
    '* * * * 13 *',
    '* * * * * 7',
    '5-1 * * * * *',
    '1-2-3 * * * * *',
    '*/2/2 * * * * *',
    '*/0 * * * * *',
    '-1 * * * * *',
    'a * * * * *',
    ', * * * * *',
    '* * * * * sunday',
    'TZ=UTC * * * * * *',
    '@Daily',
    '@every',
    '@every soon',
  ];
  for (const text of cases) assert.equal(parseSchedule(text).ok, false, text);
});

const fieldText = (first: number, last: number) =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min: first, max: last }).map(String),
    fc
      .tuple(fc.integer({ min: first, max: last }), fc.integer({ min: 1, max: 9 }))
      .map(([from, step]) => `${from}/${step}`),
    fc
      .tuple(fc.integer({ min: first, max: last }), fc.integer({ min: first, max: last }))
      .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
  );
const time = fc.integer({ min: 0, max: 4_000_000_000_000 }).map((ms) => new Date(ms));

test('the next time is after the instant, matches, and nothing between them matches', () => {
  const text = fc
    .tuple(fieldText(0, 59), fieldText(0, 59), fieldText(0, 23), fieldText(0, 6))
    .map(([second, minute, hour, weekday]) => `${second} ${minute} ${hour} * * ${weekday}`);
  fc.assert(
    fc.property(text, time, fc.double({ min: 0, max: 1, noNaN: true }), (spec, after, share) => {
      const parsed = schedule(spec);
      const found = nextAfter(parsed, after, utcCalendar);
      assert.ok(found);
      assert.ok(found > after);
      assert.equal(found.getTime() % 1000, 0);
      // Asking again from any moment before it leads to the same time.
      const between = new Date(after.getTime() + Math.floor((found.getTime() - 1 - after.getTime()) * share));
      assert.deepEqual(nextAfter(parsed, between, utcCalendar), found);
      assert.deepEqual(nextAfter(parsed, new Date(found.getTime() - 1), utcCalendar), found);
    }),
  );
});

test('clocks that change', () => {
  // A zone that goes from +1 to +2 hours at 01:00 UTC of 29 March 2026 and back at 01:00 UTC of 25 October.
  const [spring, autumn] = [Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1)];
  const offset = (instant: number) => (instant >= spring && instant < autumn ? 2 : 1) * 3_600_000;
  const zone: Calendar = {
    clock: (instant) => utcCalendar.clock(instant + offset(instant)),
    nextDay: (instant) => {
      const midnight = utcCalendar.nextDay(instant + offset(instant));
      return midnight - offset(midnight - 3_600_000);
    },
  };
  const times = (text: string, from: number, count: number) => {
    const found: string[] = [];
    let at: Date | undefined = new Date(from);
    for (let index = 0; index < count && at !== undefined; index++) {
      at = nextAfter(schedule(text), at, zone);
      found.push(at?.toISOString() ?? '');
    }
    return found;
  };
  // 02:30 does not exist on the day in spring, and comes twice on the day in autumn.
  assert.deepEqual(times('0 30 2 * * *', Date.UTC(2026, 2, 28, 12), 1), ['2026-03-30T00:30:00.000Z']);
  assert.deepEqual(times('0 30 2 * * *', Date.UTC(2026, 9, 24, 12), 3), [
    '2026-10-25T00:30:00.000Z',
    '2026-10-25T01:30:00.000Z',
    '2026-10-26T01:30:00.000Z',
  ]);
  assert.deepEqual(times('0 0 0 * * *', Date.UTC(2026, 2, 28, 12), 2), [
    '2026-03-28T23:00:00.000Z',
    '2026-03-29T22:00:00.000Z',
  ]);
});

test('the zone of the process', () => {
  fc.assert(
    fc.property(time, (instant) => {
      const clock = localCalendar.clock(instant.getTime());
      const { year, month, day, hour, minute, second } = clock;
      assert.equal(clock.weekday, instant.getDay());
      assert.ok(
        Math.abs(new Date(year, month - 1, day, hour, minute, second).getTime() - instant.getTime()) < 7_200_000,
      );
      const tomorrow = new Date(localCalendar.nextDay(instant.getTime()));
      assert.ok(tomorrow > instant);
      assert.notEqual(tomorrow.getDate(), instant.getDate());
    }),
  );
});
