import { openStore, takeBaseBackup } from '@matriarch/objectstore';
import { createDatabase } from '../database.ts';
import { resolvePath } from '../paths.ts';
import type { BackupTask } from './protocol.ts';
import { waitForArchived } from './standbyArchive.ts';

/** Takes one base backup; the SQL session of its start and end is the same, as PostgreSQL asks. */
export async function runBackup(task: BackupTask, log: (fields: object, message: string) => void): Promise<unknown> {
  const archive = openStore(task.store);
  const database = createDatabase({ socketDirectory: task.socketDirectory, applicationName: 'cnpg-backup' });
  try {
    return await database.withConnection('postgres', (connection) =>
      takeBaseBackup({
        archive,
        backupName: task.backupName,
        options: task.store.data ?? {},
        tags: task.store.tags,
        query: (sql) => connection.query(sql),
        pgdata: task.paths.pgData,
        resolveLocation: (location) => resolvePath(location),
        now: () => new Date(),
        waitForArchive: (endWal) => waitForArchived(archive, endWal, (sql) => connection.query(sql), log),
      }),
    );
  } finally {
    archive.store.close();
    await database.close();
  }
}
