import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Matriarch, root } from './matriarch.ts';

const run = promisify(execFile);

export interface Output {
  stdout: string;
  stderr: string;
  code: number;
}

/** Stock kubectl against one running system; the plugin is on its PATH. */
export interface Kubectl {
  /** Runs kubectl; rejects when it fails. Resolves to its standard output. */
  (...args: string[]): Promise<string>;
  /** The same, but a failure is an answer. */
  attempt(...args: string[]): Promise<Output>;
  json<T>(...args: string[]): Promise<T>;
  /** Starts one that goes on, such as port-forward; the caller ends it. */
  start(...args: string[]): ChildProcess;
}

/** Whether a program is on PATH. */
export async function has(program: string): Promise<boolean> {
  const { code } = await attempt('sh', ['-c', `command -v ${program}`], process.env);
  return code === 0;
}

export const noKubectl = (await has('kubectl')) ? false : 'kubectl is not on this machine';
export const noPsql = (await has('psql')) ? false : 'psql is not on this machine (Debian package postgresql-client)';

async function attempt(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Output> {
  try {
    const { stdout, stderr } = await run(program, [...args], {
      env,
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
      timeout: 120_000,
    });
    return { stdout, stderr, code: 0 };
  } catch (error) {
    const { stdout = '', stderr = '', code } = error as { stdout?: string; stderr?: string; code?: number | string };
    return { stdout, stderr: stderr || String(error), code: typeof code === 'number' ? code : 127 };
  }
}

/** kubectl for a running system, with examples/ relative to the project's root as its working directory. */
export function kubectlFor(matriarch: Matriarch): Kubectl {
  const env = {
    ...process.env,
    KUBECONFIG: matriarch.kubeconfig,
    PATH: `${join(root, 'bin')}:${process.env.PATH}`,
    HOME: matriarch.state,
  };
  const kubectl = async (...args: string[]) => {
    const { stdout, stderr, code } = await attempt('kubectl', args, env);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  };
  return Object.assign(kubectl, {
    attempt: (...args: string[]) => attempt('kubectl', args, env),
    json: async <T>(...args: string[]) => JSON.parse(await kubectl(...args, '-o', 'json')) as T,
    start: (...args: string[]) => spawn('kubectl', args, { env, cwd: root, stdio: ['ignore', 'pipe', 'pipe'] }),
  });
}
