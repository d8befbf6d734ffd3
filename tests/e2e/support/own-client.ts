import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type Client,
  createClient,
  defineResource,
  type KubernetesObject,
  loadKubeconfig,
  type ResourceType,
  resources,
} from '@matriarch/kubernetes';
import { parseAllDocuments } from 'yaml';
import { type Matriarch, root } from './matriarch.ts';

const run = promisify(execFile);

interface StatusObject extends KubernetesObject {
  status?: { [field: string]: unknown };
  spec?: { [field: string]: unknown };
}

const custom = (kind: string, plural: string) =>
  defineResource<StatusObject>({ group: 'postgresql.cnpg.io', version: 'v1', kind, plural, namespaced: true });

export const clusters = custom('Cluster', 'clusters');
export const backups = custom('Backup', 'backups');

const types = new Map<string, ResourceType<KubernetesObject>>(
  [...Object.values(resources), clusters, backups].map((type) => [type.kind, type as ResourceType<KubernetesObject>]),
);

/** The project's own client for a running system, where there is no kubectl. */
export function ownClient(matriarch: Matriarch): Client {
  return createClient(loadKubeconfig({ path: matriarch.kubeconfig }));
}

/** Creates every object of one of the example files; those without a namespace in the given one. */
export async function createExample(client: Client, file: string, namespace = 'default'): Promise<void> {
  const text = readFileSync(join(root, 'examples', file), 'utf8');
  for (const document of parseAllDocuments(text)) {
    const object = document.toJS() as KubernetesObject;
    const type = types.get(object.kind ?? '');
    if (type === undefined) throw new Error(`${file} holds a ${object.kind}, which this client does not know`);
    const place = type.namespaced ? { namespace: object.metadata?.namespace ?? namespace } : {};
    await client.create(type, { ...object, metadata: { ...object.metadata, ...place } });
  }
}

/** What `kubectl cnpg status` prints, by the plugin itself. */
export async function pluginStatus(matriarch: Matriarch, name: string, namespace: string): Promise<string> {
  const program = join(root, 'dist/kubectl-cnpg.mjs');
  const args = [program, 'status', name, '-n', namespace, '--kubeconfig', matriarch.kubeconfig];
  return (await run(process.execPath, args)).stdout;
}

/** The statements of a dump, each COPY with its rows as one INSERT: `pg` alone cannot copy in. */
export function statementsOf(dump: string): string[] {
  const statements: string[] = [];
  const copies = /^COPY (\w+) \(([^)]*)\) FROM stdin;\n([\s\S]*?)^\\\.$/gm;
  let last = 0;
  for (const match of dump.matchAll(copies)) {
    statements.push(dump.slice(last, match.index));
    const [whole, table = '', columns = '', rows = ''] = match;
    statements.push(`INSERT INTO ${table} (${columns}) VALUES ${rows.trimEnd().split('\n').map(valuesOf).join(',')}`);
    last = match.index + whole.length;
  }
  return [...statements, dump.slice(last)];
}

function valuesOf(line: string): string {
  const literal = (field: string) => (field === '\\N' ? 'NULL' : `'${field.replaceAll("'", "''")}'`);
  return `(${line.split('\t').map(literal).join(',')})`;
}
