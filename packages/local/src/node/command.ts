/** Which program a container runs. */
import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Container } from 'kubernetes-types/core/v1.d.ts';
import { expand } from './expand.ts';
import type { Image } from './image.ts';

/** The program cannot be started at all. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** The command line of a container: its own words, else the image's. */
export function commandLine(container: Container, image: Image, env: Readonly<Record<string, string>>): string[] {
  const command = container.command?.map((word) => expand(word, env));
  const args = container.args?.map((word) => expand(word, env));
  if (command && command.length > 0) return [...command, ...(args ?? [])];
  return [...(image.entrypoint ?? []), ...(args ?? image.cmd ?? [])];
}

/** The file to start for the first word: below the container's root when absolute, else from PATH. */
export function resolveProgram(program: string | undefined, root: string, path: string): string {
  if (!program) throw new StartError('no command specified: set `command` in the container, or use an image with one');
  if (program.startsWith('/')) {
    const file = join(root, program);
    if (isFile(file)) return realpathSync(file);
    throw new StartError(`exec: "${program}": stat ${program}: no such file or directory`);
  }
  if (program.includes('/')) throw new StartError(`exec: "${program}": no such file or directory`);
  for (const directory of path.split(delimiter)) {
    const file = join(directory, program);
    if (directory !== '' && isFile(file) && isExecutable(file)) return file;
  }
  throw new StartError(`exec: "${program}": executable file not found in $PATH`);
}

/** A directory of PATH that may not be read holds nothing for us. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
