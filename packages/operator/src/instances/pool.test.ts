import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OperatorIdentity } from './identity.ts';
import { createInstancePool } from './pool.ts';
import { compareLsn, decisiveParts, parseReport } from './report.ts';
import type { StreamHandlers } from './stream.ts';

const identity: OperatorIdentity = { cert: '', key: '', fingerprint: '' };
const pod = (name: string, uid: string) => ({ metadata: { name, uid }, status: { podIP: '10.0.0.1' } });

test('reports are kept, broken streams are unknown for a while and then unreachable', () => {
  let now = 0;
  let handlers: StreamHandlers | undefined;
  const follow = async (_target: unknown, _identity: unknown, given: StreamHandlers) => {
    handlers = given;
  };
  const pool = createInstancePool(identity, { now: () => now, follow });
  const changes: string[] = [];
  pool.onChange((cluster) => changes.push(cluster));
  pool.follow('demo/prod', [pod('prod-1', 'u1')], 'ca');
  const kind = () => pool.observe('demo/prod').get('prod-1')?.kind;
  assert.equal(kind(), 'unknown');
  handlers?.onReport({ isPrimary: true, currentLsn: '0/1' });
  assert.equal(kind(), 'report');
  handlers?.onReport({ isPrimary: true, currentLsn: '0/2' });
  assert.deepEqual(changes, ['demo/prod'], 'a position in the WAL is no news');
  handlers?.onFailure(new Error('gone'));
  assert.equal(kind(), 'unknown');
  now = 10_000;
  assert.equal(kind(), 'unreachable');
  pool.forget('demo/prod');
  assert.equal(kind(), undefined);
});

test('a pod that was made anew gets a new stream', () => {
  const stopped: boolean[] = [];
  const follow = async (_t: unknown, _i: unknown, _h: unknown, signal: AbortSignal) => {
    const index = stopped.push(false) - 1;
    signal.addEventListener('abort', () => {
      stopped[index] = true;
    });
  };
  const pool = createInstancePool(identity, { follow });
  pool.follow('c', [pod('prod-1', 'u1')], 'ca');
  pool.follow('c', [pod('prod-1', 'u1')], 'ca');
  pool.follow('c', [pod('prod-1', 'u2')], 'ca');
  assert.deepEqual(stopped, [true, false]);
  pool.forget('c');
});

test('reports: only what decisions need, and positions compare as numbers', () => {
  const report = parseReport('{"isPrimary":true,"pod":{"metadata":{}},"timeLineID":2,"receivedLsn":"0/A"}');
  assert.deepEqual(report, { isPrimary: true, timeLineID: 2, receivedLsn: '0/A' });
  assert.equal(decisiveParts({ kind: 'report', report }), '{"isPrimary":true,"timeLineID":2}');
  const silent = parseReport(
    '{"isPrimary":true,"unresponsiveSince":"2030-01-01T00:00:00.000Z","unresponsiveReason":"why"}',
  );
  assert.match(decisiveParts({ kind: 'report', report: silent }), /"unresponsiveSince":"2030-/);
  assert.throws(() => parseReport('null'), /must be a JSON object/);
  assert.ok(compareLsn('0/10', '0/9') > 0 && compareLsn('1/0', '0/FFFFFFFF') > 0 && compareLsn(undefined, '0/1') < 0);
});
