/**
 * Where this server means to answer otherwise than the recording, beyond what the recording leaves open. Each entry
 * changes both sides before they are compared. The reasons stand in docs/embedded-kubernetes.md.
 */

type Fields = { [key: string]: unknown };

/** Descriptions of table columns and of OpenAPI fields are words of our own, or absent. */
function dropDescriptions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropDescriptions);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as Fields).filter(
    ([key, item]) => !(key === 'description' && typeof item === 'string'),
  );
  return Object.fromEntries(entries.map(([key, item]) => [key, dropDescriptions(item)]));
}

const isTable = (value: unknown): boolean => (value as Fields | undefined)?.kind === 'Table';

export function withoutDeviations(path: string, body: unknown): unknown {
  if (path.startsWith('/openapi/') || isTable(body)) return dropDescriptions(body);
  return body;
}

export function eventWithoutDeviations(event: unknown): unknown {
  return isTable((event as Fields | undefined)?.object) ? dropDescriptions(event) : event;
}
