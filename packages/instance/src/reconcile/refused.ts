import type { Cluster } from '@matriarch/api';
import type { Instance } from '../instance.ts';
import type { Memory } from './memory.ts';

/*
 * Settings that PostgreSQL does not take.
 *
 * Invariant: custom.conf of a server that runs is one that it starts with. A value that it refuses when it reads the files
 * again, or refuses to start with, is put back to what it ran with, and stays so for as long as the Cluster asks for the
 * same: otherwise the next crash, of whatever cause, would find a file with which it does not come back.
 *
 * A crash of the manager loses the note. The next one writes the new values again; where they are refused at a reload they
 * are put back again, where they are refused at a start it ends, and the standbys, which still run, take over.
 */

/** Undefined: the line is left out. */
export type HeldValues = Readonly<Record<string, string | undefined>>;

type Row = { name: string; value: string | null };

/** The running values of all settings that a restart will change. */
export async function valuesThatChange({ database }: Instance): Promise<HeldValues> {
  return read(
    database,
    `SELECT name, current_setting(name) AS value FROM pg_settings
     WHERE pending_restart AND source <> 'command line'`,
  );
}

/** The running values of all settings that the server refused when it read custom.conf last. */
export async function refusedValues({ database }: Instance): Promise<HeldValues> {
  return read(
    database,
    `SELECT f.name, current_setting(f.name, true) AS value
     FROM pg_file_settings f LEFT JOIN pg_settings s ON s.name = f.name
     WHERE f.error IS NOT NULL AND f.name IS NOT NULL AND f.sourcefile ~ '/custom\\.conf$'
       AND NOT coalesce(s.pending_restart, false)`,
  );
}

async function read(database: Instance['database'], sql: string): Promise<HeldValues> {
  const rows = await database.query<Row>(sql);
  return Object.fromEntries(rows.map(({ name, value }) => [name, value ?? undefined]));
}

/** Keeps these values until the Cluster asks for others, and says so. */
export function hold(instance: Instance, memory: Memory, cluster: Cluster, values: HeldValues): void {
  const wanted = wantedParameters(cluster);
  const before = memory.held?.wanted === wanted ? memory.held.values : {};
  memory.held = { wanted, values: { ...before, ...values } };
  const names = Object.keys(values).sort().join(', ');
  const { podName } = instance.options;
  const message = `PostgreSQL of ${podName} refuses the new values of ${names} and goes on with the old ones; its log says why. Change spec.postgresql`;
  instance.logger.error({ settings: values }, 'PostgreSQL refuses new settings');
  instance.events.event(cluster, 'Warning', 'ConfigurationRefused', message);
}

/** What is held now. */
export function heldValues(memory: Memory, cluster: Cluster): HeldValues {
  return memory.held?.wanted === wantedParameters(cluster) ? memory.held.values : {};
}

const wantedParameters = ({ spec: { postgresql } }: Cluster): string =>
  JSON.stringify([postgresql?.parameters ?? {}, postgresql?.shared_preload_libraries ?? []]);
