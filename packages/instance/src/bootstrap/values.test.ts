import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { tablespaceTarget } from '../tablespaces/directories.ts';
import { instanceName } from './names.ts';
import { backupChoice, recoverySettings, serverTime } from './recovery/target.ts';
import { splitWords } from './words.ts';

describe('lists in one argument', () => {
  it('are split as a shell does', () => {
    assert.deepEqual(splitWords(`-k --encoding=UTF8 '--locale=C' "a b"c`), [
      '-k',
      '--encoding=UTF8',
      '--locale=C',
      'a bc',
    ]);
    assert.deepEqual(splitWords(`'it'"'"'s' "say \\"hi\\" \\n" a\\ b`), ["it's", 'say "hi" \\n', 'a b']);
    assert.deepEqual(splitWords(`  '' `), ['']);
    assert.deepEqual(splitWords(''), []);
    assert.throws(() => splitWords("a 'b"), /quote ' at character 3 is not closed/);
  });

  it('come back as they were quoted', () => {
    const quote = (word: string) => `'${word.replaceAll("'", `'"'"'`)}'`;
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => assert.deepEqual(splitWords(words.map(quote).join(' ')), words)),
    );
  });
});

describe('a Job', () => {
  it('is named after its instance', () => {
    assert.equal(instanceName('pg-1-initdb'), 'pg-1');
    assert.equal(instanceName('pg-1-full-recovery'), 'pg-1');
    assert.equal(instanceName('my-join-2-join'), 'my-join-2');
    assert.equal(instanceName('pg-1'), 'pg-1');
  });
});

describe('tablespaces of a source', () => {
  it('go to the volume of the same name in this pod', () => {
    const here = { CONTAINER_SANDBOX_MOUNT_POINT: '/tmp/m/b' };
    const path = '/var/lib/postgresql/tablespaces/fast/data';
    assert.equal(tablespaceTarget(`/tmp/m/a${path}`, here), `/tmp/m/b${path}`);
    assert.equal(tablespaceTarget(path, {}), path);
    assert.equal(tablespaceTarget('/mnt/fast', here), '/mnt/fast');
  });
});

describe('recovery targets', () => {
  it('write times as PostgreSQL reads them, without a zone in UTC', () => {
    const times = {
      '2026-01-31T10:15:30Z': '2026-01-31 10:15:30.000000+00:00',
      '2026-01-31T10:15:30.5+02:00': '2026-01-31 10:15:30.500000+02:00',
      '2026-01-31T10:15:30': '2026-01-31 10:15:30.000000+00:00',
      '2026-01-31 10:15:30+02': '2026-01-31 10:15:30+02',
      '2026-01-31 10:15:30.25': '2026-01-31 10:15:30.25+00:00',
      '2026-01-31': '2026-01-31 00:00:00+00:00',
    };
    for (const [given, written] of Object.entries(times)) assert.equal(serverTime(given), written);
  });

  it('choose the base backup by the same time', () => {
    const timeOf = (targetTime: string) => backupChoice({ targetTime }).targetTime?.toISOString();
    assert.equal(timeOf('2026-01-31 10:15:30.25+02'), '2026-01-31T08:15:30.250Z');
    assert.equal(timeOf('2026-01-31T10:15:30-05:30'), '2026-01-31T15:45:30.000Z');
    assert.equal(timeOf('2026-01-31'), '2026-01-31T00:00:00.000Z');
    assert.deepEqual(backupChoice(undefined).targetTime, undefined);
  });

  it('become settings; without a target there are none', () => {
    assert.deepEqual(recoverySettings(undefined), {});
    assert.deepEqual(recoverySettings({ targetImmediate: true, backupID: 'x', targetTLI: 'latest' }), {
      recovery_target: 'immediate',
      recovery_target_inclusive: 'true',
      recovery_target_timeline: 'latest',
    });
    assert.deepEqual(recoverySettings({ targetLSN: '0/3000000', exclusive: true }), {
      recovery_target_lsn: '0/3000000',
      recovery_target_inclusive: 'false',
    });
  });
});
