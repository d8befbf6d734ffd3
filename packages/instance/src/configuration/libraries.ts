import type { Parameters } from './defaults.ts';

/** Extensions that are switched on by the mere presence of a parameter of theirs. */
export interface ManagedExtension {
  readonly name: string;
  readonly prefix: string;
  readonly library: string;
  /** Whether CREATE EXTENSION is needed in each database; the others are libraries only. */
  readonly created: boolean;
}

export const managedExtensions: readonly ManagedExtension[] = [
  { name: 'pgaudit', prefix: 'pgaudit.', library: 'pgaudit', created: true },
  { name: 'pg_stat_statements', prefix: 'pg_stat_statements.', library: 'pg_stat_statements', created: true },
  { name: 'auto_explain', prefix: 'auto_explain.', library: 'auto_explain', created: false },
  { name: 'pg_failover_slots', prefix: 'pg_failover_slots.', library: 'pg_failover_slots', created: false },
];

export function isExtensionUsed(extension: ManagedExtension, parameters: Parameters): boolean {
  return Object.keys(parameters).some((name) => name.startsWith(extension.prefix));
}

/** The user's libraries, then those of the extensions in use, each once. */
export function sharedPreloadLibraries(user: readonly string[], parameters: Parameters): string {
  const managed = managedExtensions.filter((extension) => isExtensionUsed(extension, parameters));
  return [...new Set([...user.filter((name) => name !== ''), ...managed.map((extension) => extension.library)])].join(
    ',',
  );
}
