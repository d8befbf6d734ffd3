/**
 * Entry of the verbs that need Node and no object store; the bootstrap jobs are in the worker's program. Each is loaded
 * when used, for a start costs what is loaded.
 */
import { errorText } from '../logger.ts';

type Verb = (argv: readonly string[]) => Promise<number>;

const verbs: Readonly<Record<string, () => Promise<Verb>>> = {
  'instance run': async () => (await import('../verbs/run.ts')).run,
  'instance status': async () => (await import('../verbs/status.ts')).status,
  backup: async () => (await import('../verbs/backup.ts')).backup,
  'show wal-archive-queue': async () => (await import('../verbs/queue.ts')).showQueue,
  version: async () => (await import('../verbs/version.ts')).version,
};

async function main(argv: readonly string[]): Promise<number> {
  const [first = '', second = ''] = argv;
  for (const [words, rest] of [
    [`${first} ${second}`, argv.slice(2)],
    [first, argv.slice(1)],
  ] as const) {
    const load = verbs[words];
    if (load !== undefined) return (await load())(rest);
  }
  process.stderr.write(`manager: unknown command "${argv.join(' ')}"; known are: ${Object.keys(verbs).join(', ')}\n`);
  return 2;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(
      `${JSON.stringify({ level: 'error', ts: new Date().toISOString(), msg: errorText(error) })}\n`,
    );
    process.exit(1);
  },
);
