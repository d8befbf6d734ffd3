/** Keys that a JSON text gives twice within one object. JSON.parse silently keeps the last. */

const TOKEN = /[{}[\],:]|"(?:[^"\\]|\\.)*"|[^\s{}[\],:"]+/g;

interface Frame {
  keys: Set<string> | undefined;
  /** Path of the object or array itself. */
  path: string;
  /** The key or index at which we are. */
  at: string;
  index: number;
}

/** The text must be valid JSON. Paths look like `spec.containers[0].name`. */
export function findDuplicateKeys(text: string): string[] {
  const duplicates: string[] = [];
  const stack: Frame[] = [];
  let expectKey = false;
  for (const [token] of text.matchAll(TOKEN)) {
    const frame = stack[stack.length - 1];
    if (token === '{' || token === '[') {
      stack.push({ keys: token === '{' ? new Set() : undefined, path: frame?.at ?? '', at: '', index: 0 });
      const opened = stack[stack.length - 1];
      if (opened?.keys === undefined && opened !== undefined) opened.at = `${opened.path}[0]`;
      expectKey = token === '{';
    } else if (token === '}' || token === ']') {
      stack.pop();
      expectKey = false;
    } else if (token === ',') {
      if (frame !== undefined && frame.keys === undefined) {
        frame.index += 1;
        frame.at = `${frame.path}[${frame.index}]`;
      }
      expectKey = frame?.keys !== undefined;
    } else if (expectKey && frame?.keys !== undefined && token.startsWith('"')) {
      const key = JSON.parse(token) as string;
      frame.at = frame.path === '' ? key : `${frame.path}.${key}`;
      if (frame.keys.has(key)) duplicates.push(frame.at);
      frame.keys.add(key);
      expectKey = false;
    }
  }
  return [...new Set(duplicates)];
}
