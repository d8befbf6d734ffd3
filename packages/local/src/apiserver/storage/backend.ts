/**
 * Where objects survive. A write is one transaction that holds the change and the version counter, so after a kill -9
 * at any point the file shows a prefix of the writes that were answered, and no version is ever given twice.
 */

import { chmodSync, closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { storageFull } from '../registry/errors.ts';

export interface StoredRow {
  key: string;
  version: number;
  json: string;
}

export interface Backend {
  /** Everything stored, and the highest version ever given. */
  load(): { rows: StoredRow[]; version: number };
  put(key: string, version: number, json: string): void;
  remove(key: string, version: number): void;
  close(): void;
}

export function memoryBackend(): Backend {
  return { load: () => ({ rows: [], version: 1 }), put() {}, remove() {}, close() {} };
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 500;
  PRAGMA cache_size = -2048;
  CREATE TABLE IF NOT EXISTS objects (key TEXT PRIMARY KEY, version INTEGER NOT NULL, json TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS counter (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL);
  INSERT OR IGNORE INTO counter VALUES (1, 1);
`;

/** `path`: the database file; its folder must exist. Only one process may have it open. */
export function sqliteBackend(path: string): Backend {
  // Secrets are in it. The files that SQLite makes beside it take their mode from it.
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  const database = new DatabaseSync(path);
  database.exec(SCHEMA);
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const rollback = database.prepare('ROLLBACK');
  const upsert = database.prepare('INSERT OR REPLACE INTO objects (key, version, json) VALUES (?, ?, ?)');
  const erase = database.prepare('DELETE FROM objects WHERE key = ?');
  const count = database.prepare('UPDATE counter SET version = ? WHERE id = 1');
  const transaction = (version: number, change: () => void): void => {
    try {
      begin.run();
      change();
      count.run(version);
      commit.run();
    } catch (error) {
      if (database.isTransaction) rollback.run();
      throw isDiskFull(error) ? storageFull(path) : error;
    }
  };
  return {
    load() {
      const rows = database.prepare('SELECT key, version, json FROM objects ORDER BY key').all();
      const counter = database.prepare('SELECT version FROM counter WHERE id = 1').get();
      return {
        rows: rows.map((row) => ({ key: String(row.key), version: Number(row.version), json: String(row.json) })),
        version: Number(counter?.version ?? 1),
      };
    },
    put: (key, version, json) => transaction(version, () => void upsert.run(key, version, json)),
    remove: (key, version) => transaction(version, () => void erase.run(key)),
    close: () => database.close(),
  };
}

const SQLITE_FULL = 13;
/** SQLITE_IOERR_SHMSIZE: the index of the write-ahead log cannot grow. */
const NO_ROOM_FOR_INDEX = 4874;

function isDiskFull(error: unknown): boolean {
  const { errcode } = error as { errcode?: number };
  return errcode === SQLITE_FULL || errcode === NO_ROOM_FOR_INDEX;
}
