import { askManager } from './local.ts';

/** Starts the backup of a Backup object; it goes on in the manager. */
export async function backup(argv: readonly string[]): Promise<number> {
  const name = argv[0];
  if (name === undefined || name === '') throw new Error('backup needs the name of a Backup object');
  const answer = await askManager(`/pg/backup?name=${encodeURIComponent(name)}`, 60_000);
  if (answer.status === 200) return 0;
  process.stderr.write(`${answer.body}\n`);
  return 1;
}
