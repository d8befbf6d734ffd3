type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The RFC 7386 patch that makes `next` of `previous`; undefined when they are equal. */
export function mergeDiff(previous: unknown, next: unknown): unknown {
  if (!isObject(previous) || !isObject(next)) return isSame(previous, next) ? undefined : next;
  const patch: Json = {};
  for (const key of new Set([...Object.keys(previous), ...Object.keys(next)])) {
    if (next[key] === undefined) {
      if (previous[key] !== undefined) patch[key] = null;
      continue;
    }
    const part = previous[key] === undefined ? next[key] : mergeDiff(previous[key], next[key]);
    if (part !== undefined) patch[key] = part;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** Deep equality of JSON values, whatever the order of keys. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => isSame(a[key], b[key]));
}

/** True when everything that `wanted` says is in `live` already; what live has beyond that does not count. */
export function contains(live: unknown, wanted: unknown): boolean {
  if (isObject(wanted)) {
    return (
      isObject(live) &&
      Object.entries(wanted).every(([key, value]) => value === undefined || contains(live[key], value))
    );
  }
  if (Array.isArray(wanted)) {
    return Array.isArray(live) && live.length === wanted.length && wanted.every((item, i) => contains(live[i], item));
  }
  return live === wanted;
}
