import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type BackupInfo, formatBackupInfo, formatTime, parseBackupInfo } from './backup-info.ts';
import { parseLiteral, stringLiteral } from './literal.ts';

const info: BackupInfo = {
  backupId: '20260131T101530',
  backupName: 'backup-20260131101530',
  status: 'DONE',
  systemId: '7312345678901234567',
  version: 170002,
  timeline: 1,
  pgdata: '/var/lib/postgresql/data/pgdata',
  includedFiles: ["/a/it's.conf", '/a/override.conf'],
  tablespaces: [{ name: 'tbs1', oid: 16399, location: '/var/lib/postgresql/tablespaces/tbs1/data' }],
  segmentSize: 16777216,
  beginTime: new Date('2026-01-31T10:15:30.123Z'),
  endTime: new Date('2026-01-31T10:16:00Z'),
  beginLsn: '0/3000028',
  endLsn: '0/3000158',
  beginWal: '000000010000000000000003',
  endWal: '000000010000000000000003',
  beginOffset: 40,
  endOffset: 344,
  backupLabel: "START WAL LOCATION: 0/3000028\nLABEL: it's\n",
};

test('backup.info holds the keys that every Barman since 3.4 knows, in order', () => {
  const keys = formatBackupInfo(info)
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('=', 1)[0]);
  assert.deepEqual(
    keys,
    (
      'backup_label backup_name begin_offset begin_time begin_wal begin_xlog compression config_file copy_stats ' +
      'deduplicated_size end_offset end_time end_wal end_xlog error hba_file ident_file included_files mode pgdata ' +
      'server_name size status systemid tablespaces timeline version xlog_segment_size'
    ).split(' '),
  );
});

test('values are written as Barman writes them', () => {
  const lines = formatBackupInfo(info).split('\n');
  assert.ok(lines.includes('server_name=cloud'));
  assert.ok(lines.includes('begin_time=2026-01-31 10:15:30.123000+00:00'));
  assert.ok(lines.includes('end_time=2026-01-31 10:16:00+00:00'));
  assert.ok(lines.includes(`tablespaces=[('tbs1', 16399, '/var/lib/postgresql/tablespaces/tbs1/data')]`));
  assert.ok(lines.includes('error=None'));
  assert.equal(formatTime(new Date(0)), '1970-01-01 00:00:00+00:00');
});

test('what was written is read', () => {
  const read = parseBackupInfo(info.backupId, formatBackupInfo(info));
  const set = Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
  assert.deepEqual(set, info);
});

test('readers cope with blanks, comments, missing and unknown keys', () => {
  const read = parseBackupInfo('20260131T101530', '# comment\n\n status = FAILED \nfuture_key=1\nerror=x=y\n');
  assert.equal(read.status, 'FAILED');
  assert.equal(read.error, 'x=y');
});

test('a value that cannot be read is named', () => {
  assert.throws(() => parseBackupInfo('ID', 'status=DONE\ntimeline=one\n'), /backup.info of ID: timeline=one/);
});

test('every text survives as a Python literal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(parseLiteral(stringLiteral(text)), text);
    }),
  );
});

test('Python literals are read', () => {
  assert.deepEqual(parseLiteral(`{'a': [1, 2.5, None], "b": (True, 'x\\n',), 'c': {}}`), {
    a: [1, 2.5, null],
    b: [true, 'x\n'],
    c: {},
  });
  assert.throws(() => parseLiteral("['a'"), SyntaxError);
});
