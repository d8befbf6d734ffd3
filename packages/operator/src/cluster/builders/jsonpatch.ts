export interface JsonPatchOperation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  path: string;
  from?: string;
  value?: unknown;
}

type Node = Record<string, unknown> | unknown[];

/** RFC 6902; the input is not changed. An operation that does not fit names its path. */
export function applyJsonPatch<T>(document: T, operations: readonly JsonPatchOperation[]): T {
  let root: unknown = structuredClone(document);
  for (const operation of operations) root = applyOne(root, operation);
  return root as T;
}

function applyOne(root: unknown, { op, path, from = '', value }: JsonPatchOperation): unknown {
  switch (op) {
    case 'add':
      return write(root, path, structuredClone(value), 'add');
    case 'replace':
      read(root, path);
      return write(root, path, structuredClone(value), 'replace');
    case 'remove':
      return erase(root, path);
    case 'copy':
      return write(root, path, structuredClone(read(root, from)), 'add');
    case 'move': {
      const moved = read(root, from);
      return write(erase(root, from), path, moved, 'add');
    }
    case 'test':
      if (JSON.stringify(read(root, path)) !== JSON.stringify(value))
        throw new Error(`${path}: the test does not hold`);
      return root;
  }
}

const words = (path: string): string[] =>
  path
    .split('/')
    .slice(1)
    .map((word) => word.replace(/~1/g, '/').replace(/~0/g, '~'));

function read(root: unknown, path: string): unknown {
  let at = root;
  for (const word of words(path)) {
    const node = asNode(at, path);
    if (!Object.hasOwn(node, word)) throw new Error(`${path}: there is no such field`);
    at = Array.isArray(node) ? node[Number(word)] : node[word];
  }
  return at;
}

function parentOf(root: unknown, path: string): { parent: Node; last: string } {
  const all = words(path);
  const last = all.pop() ?? '';
  const parentPath = path.slice(0, path.lastIndexOf('/'));
  return { parent: asNode(all.length === 0 ? root : read(root, parentPath), path), last };
}

function write(root: unknown, path: string, value: unknown, op: 'add' | 'replace'): unknown {
  if (path === '') return value;
  const { parent, last } = parentOf(root, path);
  if (!Array.isArray(parent)) parent[last] = value;
  else if (op === 'replace') parent[Number(last)] = value;
  else parent.splice(last === '-' ? parent.length : Number(last), 0, value);
  return root;
}

function erase(root: unknown, path: string): unknown {
  read(root, path);
  const { parent, last } = parentOf(root, path);
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return root;
}

function asNode(value: unknown, path: string): Node {
  if (typeof value === 'object' && value !== null) return value as Node;
  throw new Error(`${path}: there is no such field`);
}
