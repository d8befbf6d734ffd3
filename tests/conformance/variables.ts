/** Values captured from answers, and the player's own. The latest capture wins. */

export interface Variables {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  /** Versions captured from single objects: `<rv>` of an object is none of them. */
  objectVersions: Set<string>;
  /** Puts values in for `${name}` in a string or in all strings of a value. */
  fill<T>(value: T): T;
}

export function createVariables(own: { readonly [name: string]: string }): Variables {
  const values = new Map(Object.entries(own));
  const fillString = (text: string): string =>
    text.replace(/\$\{([A-Za-z0-9_]+)\}/g, (whole, name: string) => values.get(name) ?? whole);
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string') return fillString(value);
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [fillString(key), fill(item)]));
  };
  return {
    get: (name) => values.get(name),
    set: (name, value) => values.set(name, value),
    objectVersions: new Set(),
    fill: <T>(value: T) => fill(value) as T,
  };
}

/** The value at a JSON pointer. */
export function valueAt(value: unknown, pointer: string): unknown {
  let found = value;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    found = typeof found === 'object' && found !== null ? (found as { [key: string]: unknown })[key] : undefined;
  }
  return found;
}

/** Reads what a step captures. Values that are not there are left out. */
export function capture(variables: Variables, wanted: { [name: string]: string } | undefined, body: unknown): void {
  for (const [name, pointer] of Object.entries(wanted ?? {})) {
    const value = valueAt(body, pointer);
    if (typeof value !== 'string' && typeof value !== 'number') continue;
    variables.set(name, String(value));
    const isList = String(valueAt(body, '/kind') ?? '').endsWith('List');
    if (pointer.endsWith('/metadata/resourceVersion') && !isList) variables.objectVersions.add(String(value));
  }
}
