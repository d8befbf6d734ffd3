import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseConninfo, renderConninfo } from './conninfo.ts';

describe('connection strings', () => {
  it('survive writing and reading, whatever the values', () => {
    const keyword = fc.stringMatching(/^[a-z_]{1,12}$/);
    fc.assert(
      fc.property(fc.dictionary(keyword, fc.string({ unit: 'binary' })), (parameters) => {
        assert.deepEqual(parseConninfo(renderConninfo(parameters)), { ...parameters });
      }),
    );
  });

  it('quote only what needs it', () => {
    assert.equal(
      renderConninfo({ host: 'pg-rw', options: '-c wal_sender_timeout=0s', password: "it's \\", empty: '' }),
      "host=pg-rw options='-c wal_sender_timeout=0s' password='it\\'s \\\\' empty=''",
    );
  });

  it('are read as libpq reads them', () => {
    assert.deepEqual(parseConninfo("  host = 'a b'  port=5432\tuser=x\\ y "), {
      host: 'a b',
      port: '5432',
      user: 'x y',
    });
    assert.deepEqual(parseConninfo('host=a host=b'), { host: 'b' });
    assert.deepEqual(parseConninfo(''), {});
  });

  it('do not show values in errors', () => {
    assert.throws(
      () => parseConninfo("password='secret"),
      (error: Error) => !error.message.includes('secret'),
    );
    assert.throws(() => parseConninfo('host'), /no "=" after "host"/);
  });
});
