import { join, resolve } from 'node:path';

/** Root of the installation: the bundles lie in its `dist/`. */
export const installation = resolve(import.meta.dirname, '..');

/** Files of one state directory. */
export interface StatePaths {
  root: string;
  kubeconfig: string;
  /** Written when everything is up; holds pid, addresses and the like. */
  running: string;
  objectStore: string;
  log: string;
}

export function statePaths(root: string): StatePaths {
  return {
    root,
    kubeconfig: join(root, 'kubeconfig'),
    running: join(root, 'running.json'),
    objectStore: join(root, 's3'),
    log: join(root, 'matriarch.log'),
  };
}

/** The state directory: of the flag, else of MATRIARCH_STATE, else `.matriarch` in the installation. */
export function stateDirectory(flag: string | undefined, env: NodeJS.ProcessEnv): string {
  return resolve(flag ?? env.MATRIARCH_STATE ?? join(installation, '.matriarch'));
}
