import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAwakeClock } from './awake.ts';
import { type Answers, ask, conclude, type HealthView, judge, unresponsive, unresponsiveAfterMs } from './health.ts';

const wallMs = Date.parse('2030-01-01T00:01:00Z');
const view = (change: Partial<HealthView>): HealthView => ({
  postgres: [{}, {}],
  volumes: [
    { path: '/data', answers: {} },
    { path: '/wal', answers: {} },
  ],
  awake: 60_000,
  wallMs,
  ...change,
});

test('what answers is well, and so is what has been asked a moment ago', () => {
  const asked = ask({}, 60_000 - unresponsiveAfterMs + 1);
  for (const postgres of [[{}, {}], [asked, {}], []]) {
    const health = judge(view({ postgres, volumes: [{ path: '/data', answers: asked }] }));
    assert.deepEqual(health, { postgres: 'answers', volumes: [{ path: '/data' }] });
    assert.deepEqual(unresponsive(health), {});
  }
});

test('each thing that gives no answer is told with the time of the first question', () => {
  const health = judge(
    view({
      postgres: [ask({}, 45_000), ask({}, 40_000)],
      volumes: [
        { path: '/data', answers: {} },
        { path: '/wal', answers: ask({}, 30_000) },
      ],
    }),
  );
  assert.deepEqual(health, {
    postgres: 'silent',
    silentSinceMs: wallMs - 20_000,
    volumes: [{ path: '/data' }, { path: '/wal', hungSinceMs: wallMs - 30_000 }],
  });
  assert.deepEqual(unresponsive(health), {
    unresponsiveSince: '2030-01-01T00:00:30.000Z',
    unresponsiveReason: 'the volume at /wal takes no writes; PostgreSQL does not answer',
  });
});

test('questions without an answer add up, an answer ends them', () => {
  let answers: Answers = {};
  for (const at of [0, 4000, 8000]) answers = conclude(ask(answers, at), 'none');
  answers = ask(answers, 12_000);
  assert.deepEqual(answers, { askedAt: 12_000, unansweredSince: 0 });
  assert.deepEqual(conclude(answers, 'answer'), {});
});

test('the time in which the manager itself stood still does not count', () => {
  const clock = createAwakeClock(1000);
  assert.deepEqual([5000, 5500, 65_500, 66_000, 65_000].map(clock), [0, 500, 1500, 2000, 2000]);
});
