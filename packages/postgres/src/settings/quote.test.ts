import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { withSuperuser } from '../sql.ts';
import {
  dropPrivileges,
  makeDataDirectory,
  makeScratch,
  runServer,
  type TestServer,
  usePostgres,
} from '../testing/server.ts';
import { quoteSetting, renderSettings } from './quote.ts';
import { quoteIdentifier, quoteLiteral } from './sql.ts';

dropPrivileges();
usePostgres();

const nasty = ["it's", '\\', "\\'", 'a\nb', '"', "''", 'é', '%', '$x', "E'x'", '-- x', "\\n'"];
const printable = fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => !text.includes('\0'));

describe('quoting, asked of a real server', () => {
  const scratch = makeScratch();
  let running: TestServer;

  before(async () => {
    const settings = Object.fromEntries(nasty.map((value, index) => [`test.value_${index}`, value]));
    running = await runServer(scratch.path, await makeDataDirectory(scratch.path, 'data', settings));
  });
  after(async () => {
    await running.stop();
    await scratch.remove();
  });

  const session = { database: 'postgres', applicationName: 'test' };

  it('brings settings through the configuration file unchanged', async () => {
    await withSuperuser({ ...session, socketDirectory: running.socketDirectory }, async (client) => {
      for (const [index, value] of nasty.entries()) {
        const { rows } = await client.query(`SELECT current_setting('test.value_${index}') AS value`);
        assert.equal(rows[0].value, value);
      }
    });
  });

  it('brings literals and identifiers through SQL unchanged', async () => {
    await withSuperuser({ ...session, socketDirectory: running.socketDirectory }, async (client) => {
      for (const value of [...nasty, ...fc.sample(printable, 50)]) {
        const name = `x${value}`;
        const { rows } = await client.query(`SELECT ${quoteLiteral(value)} AS ${quoteIdentifier(name)}`);
        assert.deepEqual(rows[0], { [name]: value });
      }
    });
  });

  it('pins the search path when asked to', async () => {
    const options = { ...session, socketDirectory: running.socketDirectory, searchPath: 'pg_catalog, public, pg_temp' };
    await withSuperuser(options, async (client) => {
      const { rows } = await client.query('SHOW search_path');
      assert.equal(rows[0].search_path, 'pg_catalog, public, pg_temp');
    });
  });
});

describe('settings', () => {
  it('are written in the order of their names', () => {
    assert.equal(renderSettings({ b: '2', a: "it's" }), "a = 'it''s'\nb = '2'\n");
    assert.equal(renderSettings({}), '');
  });

  it('stay on one line', () => {
    fc.assert(fc.property(fc.string(), (value) => !/[\n\r]/.test(quoteSetting(value))));
  });
});

describe('NUL characters', () => {
  it('are refused in SQL', () => {
    assert.throws(() => quoteLiteral('a\0b'), /NUL/);
    assert.throws(() => quoteIdentifier('a\0b'), /NUL/);
  });
});
