import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { majorVersion, runProgram } from '@matriarch/postgres';
import type { Environment } from '../paths.ts';

/** The pg_rewind that was found. One of another major version refuses the data, or worse, does not. */
export type RewindTool =
  | { readonly kind: 'usable'; readonly program: string }
  | { readonly kind: 'other version'; readonly program: string; readonly found: number; readonly wanted: number }
  | { readonly kind: 'missing' };

/** The full path of a program on the PATH, undefined when there is none. */
export async function findProgram(name: string, environment: Environment): Promise<string | undefined> {
  for (const directory of (environment.PATH ?? '').split(delimiter)) {
    const path = join(directory, name);
    if (directory !== '' && (await isExecutable(path))) return path;
  }
  return undefined;
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

const versionTimeoutMs = 10_000;

/** Looks for pg_rewind of a major version on the PATH, and where Debian's packages put it. */
export async function findRewind(major: number, environment: Environment): Promise<RewindTool> {
  const directories = [...(environment.PATH ?? '').split(delimiter), `/usr/lib/postgresql/${major}/bin`];
  let other: RewindTool = { kind: 'missing' };
  for (const directory of directories.filter((path) => path !== '')) {
    const program = join(directory, 'pg_rewind');
    const found = await versionOf(program, environment);
    if (found === major) return { kind: 'usable', program };
    if (found !== undefined && other.kind === 'missing') {
      other = { kind: 'other version', program, found, wanted: major };
    }
  }
  return other;
}

/** The major version that a program says it has; undefined where there is none that runs. */
async function versionOf(program: string, environment: Environment): Promise<number | undefined> {
  if (!(await isExecutable(program))) return undefined;
  let version: number | undefined;
  try {
    await runProgram(program, ['--version'], {
      timeoutMs: versionTimeoutMs,
      environment: { ...environment },
      onLine: (_, line) => {
        const match = /\(PostgreSQL\) (\d+)/.exec(line);
        if (match !== null) version = majorVersion(match[1] ?? '');
      },
    });
    return version;
  } catch {
    // What does not run is nothing to use.
    return undefined;
  }
}
