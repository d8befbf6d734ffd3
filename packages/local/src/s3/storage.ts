import { createHash, randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface StoredObject {
  key: string;
  /** Name of the file below `data/`. */
  file: string;
  size: number;
  etag: string;
  /** ms since 1970. */
  modified: number;
  headers: StoredHeaders;
}

/** Headers that are given back with an object. */
export interface StoredHeaders {
  contentType?: string | undefined;
  encryption?: string | undefined;
  tagging?: string | undefined;
  metadata?: Record<string, string> | undefined;
}

const schema = `
CREATE TABLE IF NOT EXISTS bucket (name TEXT PRIMARY KEY, created INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS object (
  bucket TEXT NOT NULL REFERENCES bucket, key BLOB NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL,
  etag TEXT NOT NULL, modified INTEGER NOT NULL, headers TEXT NOT NULL, PRIMARY KEY (bucket, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload (
  id TEXT PRIMARY KEY, bucket TEXT NOT NULL REFERENCES bucket, key BLOB NOT NULL, started INTEGER NOT NULL,
  headers TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS part (
  upload TEXT NOT NULL REFERENCES upload ON DELETE CASCADE, number INTEGER NOT NULL, file TEXT NOT NULL,
  size INTEGER NOT NULL, etag TEXT NOT NULL, PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;`;

/** A file being written: named in the index only when it is complete and durable. */
export interface WrittenFile {
  file: string;
  size: number;
  md5: string;
}

/**
 * Objects as files with an index in SQLite. A write is: file under a name of its own, fsync, one transaction in the
 * index. A crash before the transaction leaves a file that nobody names; those are removed at the next start.
 */
export class S3Storage {
  readonly database: DatabaseSync;
  readonly #data: string;

  constructor(folder: string) {
    this.#data = join(folder, 'data');
    mkdirSync(this.#data, { recursive: true, mode: 0o700 });
    this.database = new DatabaseSync(join(folder, 'index.sqlite'));
    this.database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
    this.database.exec(schema);
  }

  path(file: string): string {
    return join(this.#data, file);
  }

  /** Removes files that the index does not name. */
  async sweep(): Promise<void> {
    const named = this.database.prepare('SELECT file FROM object UNION SELECT file FROM part').all();
    const known = new Set(named.map(({ file }) => String(file)));
    for (const file of readdirSync(this.#data)) if (!known.has(file)) await rm(this.path(file), { force: true });
  }

  /** Writes a stream to a new file, durably. */
  async write(content: AsyncIterable<Buffer>): Promise<WrittenFile> {
    const file = randomUUID();
    const temporary = this.path(`${file}.tmp`);
    const md5 = createHash('md5');
    let size = 0;
    const handle = await open(temporary, 'wx', 0o600);
    try {
      for await (const piece of content) {
        md5.update(piece);
        size += piece.length;
        await writeAll(handle, piece);
      }
      await handle.sync();
    } catch (error) {
      await handle.close();
      await rm(temporary, { force: true });
      throw error;
    }
    await handle.close();
    await rename(temporary, this.path(file));
    this.#syncFolder();
    return { file, size, md5: md5.digest('hex') };
  }

  #syncFolder(): void {
    const folder = openSync(this.#data, 'r');
    fsyncSync(folder);
    closeSync(folder);
  }

  async discard(files: readonly string[]): Promise<void> {
    for (const file of files) await rm(this.path(file), { force: true });
  }

  close(): void {
    this.database.close();
  }
}

async function writeAll(handle: FileHandle, piece: Buffer): Promise<void> {
  let offset = 0;
  while (offset < piece.length) offset += (await handle.write(piece, offset)).bytesWritten;
}
