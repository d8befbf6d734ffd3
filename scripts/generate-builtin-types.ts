/**
 * Writes the names and types of the fields of the built-in kinds, taken from the declarations of the package
 * `kubernetes-types`, to packages/local/src/apiserver/kinds/schema/types.json. Run it after that package changed.
 *
 * One line per type: `name[!]:type` separated by blanks, `!` for a required field. Types: s string, i number, b boolean,
 * q quantity, t time, u time with microseconds, x integer or string, o any value, `[T` list, `{T` map, else a type's name.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';

const ROOTS = [
  ...['Namespace', 'Node', 'Pod', 'Service', 'Endpoints', 'ConfigMap', 'Secret', 'ServiceAccount'],
  ...['PersistentVolume', 'PersistentVolumeClaim', 'Event', 'ReplicationController', 'LimitRange', 'ResourceQuota'],
  ...['PodTemplate', 'Binding'],
]
  .map((kind) => `core/v1.${kind}`)
  .concat(
    ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'ControllerRevision'].map((kind) => `apps/v1.${kind}`),
    ['Job', 'CronJob'].map((kind) => `batch/v1.${kind}`),
    ['PodDisruptionBudget', 'Eviction'].map((kind) => `policy/v1.${kind}`),
    ['Lease'].map((kind) => `coordination/v1.${kind}`),
    ['EndpointSlice'].map((kind) => `discovery/v1.${kind}`),
    ['StorageClass', 'CSINode', 'CSIDriver', 'VolumeAttachment'].map((kind) => `storage/v1.${kind}`),
    ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'].map((kind) => `rbac/v1.${kind}`),
    ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'].map(
      (kind) => `admissionregistration/v1.${kind}`,
    ),
    ['PriorityClass'].map((kind) => `scheduling/v1.${kind}`),
    ['RuntimeClass'].map((kind) => `node/v1.${kind}`),
    ['Ingress', 'IngressClass', 'NetworkPolicy'].map((kind) => `networking/v1.${kind}`),
    ['HorizontalPodAutoscaler'].map((kind) => `autoscaling/v2.${kind}`),
    ['Scale'].map((kind) => `autoscaling/v1.${kind}`),
    ['Event'].map((kind) => `events/v1.${kind}`),
    ['TokenRequest', 'TokenReview', 'SelfSubjectReview'].map((kind) => `authentication/v1.${kind}`),
    ['SubjectAccessReview', 'SelfSubjectAccessReview', 'LocalSubjectAccessReview', 'SelfSubjectRulesReview'].map(
      (kind) => `authorization/v1.${kind}`,
    ),
    ['DeleteOptions'].map((kind) => `meta/v1.${kind}`),
  );

const base = dirname(createRequire(import.meta.url).resolve('kubernetes-types/package.json'));
const files = new Map<string, { imports: Map<string, string>; interfaces: Map<string, string[]> }>();

/** The interfaces of one declaration file, each as its lines without comments, and where its imports come from. */
function load(file: string) {
  const known = files.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(join(base, `${file}.d.ts`), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\{\s*(\[name: string\]: [^;{}]*);\s*\}/g, '{ $1 }');
  const imports = new Map<string, string>();
  for (const [, names, from] of text.matchAll(/import \{([^}]*)\} from "([^"]+)"/g)) {
    const target = posix.join(posix.dirname(file), from ?? '');
    for (const name of (names ?? '').split(',')) imports.set(name.trim(), `${target}.${name.trim()}`);
  }
  const interfaces = new Map<string, string[]>();
  for (const [, name, body] of text.matchAll(/export interface (\w+) \{([\s\S]*?)\n\}/g)) {
    interfaces.set(
      name ?? '',
      (body ?? '').split('\n').filter((line) => line.includes(':')),
    );
  }
  const loaded = { imports, interfaces };
  files.set(file, loaded);
  return loaded;
}

const SIMPLE: { [name: string]: string } = {
  string: 's',
  number: 'i',
  boolean: 'b',
  'number | string': 'x',
  object: 'o',
  any: 'o',
  '{}': 'o',
};
const NAMED: { [name: string]: string } = {
  'api/resource.Quantity': 'q',
  'meta/v1.Time': 't',
  'meta/v1.MicroTime': 'u',
  'meta/v1.FieldsV1': 'o',
  'runtime.RawExtension': 'o',
};

function encode(type: string, file: string): string {
  const simple = SIMPLE[type];
  if (simple !== undefined) return simple;
  const list = /^Array<(.*)>$/.exec(type)?.[1] ?? /^(.*)\[\]$/.exec(type)?.[1];
  if (list !== undefined) return `[${encode(list, file)}`;
  const map = /^\{\s*\[name: string\]: (.*?);?\s*\}$/.exec(type)?.[1];
  if (map !== undefined) return `{${encode(map, file)}`;
  const literal = /^"(.*)"$/.exec(type);
  if (literal !== null) return 's';
  const name = load(file).imports.get(type) ?? `${file}.${type}`;
  return NAMED[name] ?? name;
}

/** Fields that the declarations lack: their comments hold what ends a comment. */
const LOST: { readonly [type: string]: string } = {
  'admissionregistration/v1.RuleWithOperations': 'resources:[s scope:s',
  'authorization/v1.ResourceRule': 'resources:[s',
};

const result: { [name: string]: string } = {};
const queue = [...ROOTS];
for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
  if (name in result) continue;
  const [file = '', type = ''] = name.split('.');
  const lines = load(file).interfaces.get(type);
  if (lines === undefined) throw new Error(`kubernetes-types declares no ${name}: change ROOTS`);
  const fields: string[] = [];
  for (const line of lines) {
    const match = /^\s*(?:readonly )?"?([\w$]+)"?(\?)?: (.*);\s*$/.exec(line);
    if (match === null) throw new Error(`${name}: cannot read the declaration '${line.trim()}'`);
    const code = encode((match[3] ?? '').trim(), file);
    fields.push(`${match[1]}${match[2] === undefined ? '!' : ''}:${code}`);
    const inner = code.replace(/^[[{]+/, '');
    if (inner.includes('.')) queue.push(inner);
  }
  result[name] = [...fields, ...(LOST[name] === undefined ? [] : [LOST[name]])].join(' ');
}
const target = join(import.meta.dirname, '../packages/local/src/apiserver/kinds/schema/types.json');
const sorted = Object.fromEntries(Object.entries(result).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(target, `${JSON.stringify(sorted, null, 2)}\n`);
console.log(`${Object.keys(sorted).length} types`);
