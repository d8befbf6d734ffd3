/** A cluster in this process for a test, with what its tests share. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { Container, Pod, PodSpec } from 'kubernetes-types/core/v1.d.ts';
import { type LocalCluster, startLocal } from '../local/start.ts';
import { createCaches } from '../runtime/cache.ts';
import { createApi } from '../runtime/client-api.ts';
import { anyImage } from './cluster.ts';

export const run = promisify(execFile);
export const nodes = ['a', 'b', 'c'].map((id) => ({ name: `node-${id}`, zone: `zone-${id}`, region: 'local' }));

export function stateDirectory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'matriarch-local-'));
  chmodSync(path, 0o711);
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Starts clusters at addresses of a test file's own: files run side by side. */
export function createStarter(serviceCidr: string) {
  return async (t: TestContext, stateDir: string) => {
    const lines: string[] = [];
    const images = anyImage;
    const cluster = await startLocal({ stateDir, nodes, images, serviceCidr, log: (line) => lines.push(line) });
    const api = createApi(cluster.server);
    const caches = createCaches(api);
    const close = async () => {
      caches.stop();
      await cluster.close({ graceSeconds: 0 });
    };
    t.after(close);
    return { cluster, api, caches, close, lines };
  };
}

export function podOf(
  name: string,
  script: string,
  spec: Partial<PodSpec> = {},
  container: Partial<Container> = {},
): Pod {
  const main = { name: 'c', image: 'any', command: ['sh', '-c', script], ...container };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { terminationGracePeriodSeconds: 1, containers: [main], ...spec },
  };
}

export const key = (name: string) => ({ namespace: 'default', name });

export async function logOf(cluster: LocalCluster, ...args: string[]): Promise<string> {
  const { stdout } = await run('kubectl', ['--kubeconfig', cluster.kubeconfigPath, 'logs', ...args], {
    timeout: 10_000,
  });
  return stdout;
}

export const kubectl = await run('kubectl', ['version', '--client']).then(
  () => ({}),
  () => ({ skip: 'kubectl is not installed' }),
);
