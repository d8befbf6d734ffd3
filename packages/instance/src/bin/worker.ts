/**
 * Entry of the programs that need the object store's SDK: the worker, which the manager starts and speaks with over
 * the channel between them, the copy of a server, and the bootstrap jobs. The manager's own bundle stays small without them.
 */
import { errorText } from '../logger.ts';
import { resolvePath } from '../paths.ts';

/** Variables of the store's SDK that name files of the container. */
const fileVariables = [
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AWS_CA_BUNDLE',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
];

async function main(argv: readonly string[]): Promise<number> {
  for (const name of fileVariables) {
    const path = process.env[name];
    if (path !== undefined) process.env[name] = resolvePath(path);
  }
  const [noun, verb = '', ...rest] = argv;
  if (noun === 'instance') {
    const { runBootstrap } = await import('../bootstrap/run.ts');
    return runBootstrap(verb, rest, process.env);
  }
  if (noun === 'copy') {
    const { runCopy } = await import('../worker/copy.ts');
    await runCopy();
    return 0;
  }
  const { runWorker } = await import('../worker/run.ts');
  await runWorker(
    (message) => {
      if (process.connected) process.send?.(message);
    },
    (handler) => process.on('message', handler),
  );
  return 0;
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
