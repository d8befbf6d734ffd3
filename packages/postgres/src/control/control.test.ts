import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { crc32c } from './crc32c.ts';
import { printControlData } from './print.ts';
import { parseControlData } from './read.ts';

/** The first 296 bytes of control files as initdb of PostgreSQL 14.23, 17.2 and 18.4 wrote them. */
const files: Record<number, string> = {
  14: 'z+zDjonZA2sUBQAALekLDAEAAAAAAAAAidkDawAAAABwMZQBAAAAAHAxlAEAAAAAAQAAAAEAAAABAAAAAAAAAN0CAAAAAAAAgDUAAAEAAAAAAAAA1gIAAAEAAAABAAAAAQAAAAAAAACJ2QNrAAAAAAAAAAAAAAAAAAAAAAAAAADoAwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAZAAAAAgAAAAKAAAAAAAAAEAAAAAAAAAACAAAAAAAAACH1jJBACAAAAAAAgAAIAAAAAAAAUAAAAAgAAAAzAcAAAAIAAABAAAAAQAAAMYbkzS2qgZJ6iCCLolRgik7rvxitm0W0t/d0C+XRfO/3gfB6QAAAAA=',
  17: 'tbwgA4nZA2ukBgAAiXkQDAEAAAAAAAAAidkDawAAAADIGHIBAAAAAMgYcgEAAAAAAQAAAAEAAAABAAAAAQAAAOICAAAAAAAAuTQAAAEAAAAAAAAA2gIAAAEAAAABAAAAAQAAAAAAAACJ2QNrAAAAAAAAAAAAAAAAAAAAAAAAAADoAwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAZAAAAAgAAAAKAAAAAAAAAEAAAAAAAAAACAAAAAAAAACH1jJBACAAAAAAAgAAIAAAAAAAAUAAAAAgAAAAzAcAAAAIAAABAAAAAQAAAELyG4d+sGMIXx0cBycV4W54eR5WfqGo1hWDDWqWSmlSg/sb5gAAAAA=',
  18: '6dytLYrZA2sIBwAAMwASDAEAAAAAAAAAitkDawAAAACQsnQBAAAAAJCydAEAAAAAAQAAAAEAAAABAAAAAQAAAPACAAAAAAAAwzQAAAEAAAAAAAAA6AIAAAEAAAABAAAAAQAAAAAAAACK2QNrAAAAAAAAAAAAAAAAAAAAAAAAAADoAwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAZAAAAAgAAAAKAAAAAAAAAEAAAAAAAAAACAAAAAAAAACH1jJBACAAAAAAAgAAIAAAAAAAAUAAAAAgAAAAzAcAAAAIAAABAAAAAQAAAAFWIlrKVWkKiUdIT4suz5DDJi20vBoj3nx8BiW3aYVuzQAAAIIBYgU=',
};

const file = (major: number): Buffer => Buffer.from(files[major] ?? '', 'base64');

describe('CRC-32C', () => {
  it('gives the check values of RFC 3720', () => {
    assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
    assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
    assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43);
    assert.equal(crc32c(Buffer.alloc(0)), 0);
  });

  it('may be taken piece by piece', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 200 }), (a, b) => {
        assert.equal(crc32c(b, crc32c(a)), crc32c(Buffer.concat([a, b])));
      }),
    );
  });
});

describe('the control file', () => {
  for (const [major, control, signed] of [
    [14, 1300, undefined],
    [17, 1700, undefined],
    [18, 1800, true],
  ] as const) {
    it(`of PostgreSQL ${major} is read`, () => {
      const data = parseControlData(file(major));
      assert.equal(data.controlVersion, control);
      assert.equal(data.state, 'shut down');
      assert.equal(data.checkpoint.timeline, 1);
      assert.equal(data.checkpoint.redoWalFile, '000000010000000000000001');
      assert.equal(data.checkpoint.location, data.checkpoint.redo);
      assert.equal(data.walLevel, 'replica');
      assert.equal(data.maxConnections, 100);
      assert.equal(data.maxWorkerProcesses, 8);
      assert.equal(data.maxWalSenders, 10);
      assert.equal(data.maxPreparedTransactions, 0);
      assert.equal(data.maxLocksPerTransaction, 64);
      assert.equal(data.segmentSize, 16 * 1024 * 1024);
      assert.equal(data.blockSize, 8192);
      assert.equal(data.dataChecksumVersion, 1);
      assert.equal(data.defaultCharSigned, signed);
      assert.equal(data.mockAuthenticationNonce.length, 64);
    });
  }

  it('is printed with the labels that readers look for', () => {
    const data = parseControlData(file(17));
    const lines = new Map(
      printControlData(data)
        .trimEnd()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
    );
    assert.equal(lines.get('Database system identifier'), data.systemIdentifier);
    assert.equal(lines.get('Database cluster state'), 'shut down');
    assert.equal(lines.get("Latest checkpoint's REDO WAL file"), '000000010000000000000001');
    assert.equal(lines.get("Latest checkpoint's TimeLineID"), '1');
    assert.equal(lines.get('max_connections setting'), '100');
    assert.equal(lines.get('max_prepared_xacts setting'), '0');
    assert.equal(lines.get('Bytes per WAL segment'), '16777216');
    assert.equal(lines.get('Data page checksum version'), '1');
    assert.match(
      lines.get('Time of latest checkpoint') ?? '',
      /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/,
    );
  });

  it('is refused when one bit of it is wrong', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 288 * 8 - 1 }), (bit) => {
        const damaged = Buffer.from(file(17));
        damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.throws(() => parseControlData(damaged), /checksum is wrong|control file version/);
      }),
    );
  });

  it('is refused when it is cut off', () => {
    assert.throws(() => parseControlData(file(17).subarray(0, 100)), /100 bytes/);
  });
});
