import { readdir, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Cluster } from '@matriarch/api';
import { isSegmentName, parseLsn } from '@matriarch/postgres';
import type { Instance } from '../instance.ts';
import type { Lane } from '../lane.ts';
import { readyFiles } from '../status/ready.ts';
import type { WalFacts } from './cause.ts';
import type { VolumeSpace } from './levels.ts';

export const walVolumeOf = (cluster: Cluster | undefined): boolean => cluster?.spec.walStorage !== undefined;

interface Place {
  readonly name: string;
  readonly path: string;
  readonly vital: boolean;
}

function placesOf({ options }: Instance, cluster: Cluster | undefined): Place[] {
  const { pgData, walVolume, tablespaces } = options.layout;
  return [
    { name: 'PGDATA', path: dirname(pgData), vital: true },
    ...(walVolumeOf(cluster) ? [{ name: 'WAL', path: walVolume, vital: true }] : []),
    ...(cluster?.spec.tablespaces ?? []).map(({ name }) => ({ name, path: join(tablespaces, name), vital: false })),
  ];
}

export interface VolumeRoom extends Place {
  readonly sizeBytes: number;
  readonly freeBytes: number;
}

/** The volumes of this instance as their file systems are; one that is not mounted yet is left out. */
export async function roomOfVolumes(instance: Instance): Promise<VolumeRoom[]> {
  const rooms = await Promise.all(
    placesOf(instance, instance.cluster.current()).map(async (place): Promise<VolumeRoom[]> => {
      const found = await statfs(place.path).catch(() => undefined);
      if (found === undefined) return [];
      return [{ ...place, sizeBytes: found.blocks * found.bsize, freeBytes: found.bavail * found.bsize }];
    }),
  );
  return rooms.flat();
}

/** The same with what PostgreSQL has made ready for itself. */
export async function measureVolumes(instance: Instance, lane: Lane, segmentBytes: number): Promise<VolumeSpace[]> {
  const walOn = walVolumeOf(instance.cluster.current()) ? 'WAL' : 'PGDATA';
  const rooms = await roomOfVolumes(instance);
  return Promise.all(
    rooms.map(async ({ name, path, vital, sizeBytes, freeBytes }) => {
      // With room enough the directory need not be read.
      const ahead = name === walOn && freeBytes < sizeBytes / 2 ? await aheadBytes(instance, lane, segmentBytes) : 0;
      // Beside the WAL other files grow here, a checkpoint's too: the last segment must be free.
      const counts = name === 'WAL' || freeBytes >= segmentBytes ? ahead : 0;
      return { name, path, vital, sizeBytes, freeBytes, availableBytes: freeBytes + counts, segmentBytes };
    }),
  );
}

const positionSql = `SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn()
  ELSE pg_current_wal_insert_lsn() END::text AS lsn`;

/** Bytes of the WAL segments that PostgreSQL has made ahead: it writes them before it asks for more room. */
async function aheadBytes(instance: Instance, lane: Lane, segmentBytes: number): Promise<number> {
  if (instance.lifecycle.state !== 'running') return 0;
  const [row] = await lane.query<{ lsn: string | null }>(positionSql).catch(() => []);
  if (row === undefined || row.lsn === null) return 0;
  const current = parseLsn(row.lsn) / BigInt(segmentBytes);
  const perFile = 0x1_0000_0000n / BigInt(segmentBytes);
  const names = await readdir(join(instance.options.layout.pgData, 'pg_wal')).catch(() => []);
  const ahead = names.filter((name) => {
    if (!isSegmentName(name)) return false;
    return BigInt(`0x${name.slice(8, 16)}`) * perFile + BigInt(`0x${name.slice(16)}`) > current;
  });
  return ahead.length * segmentBytes;
}

const factsSql = `SELECT
  (SELECT last_failed_time > coalesce(last_archived_time, '-infinity') FROM pg_stat_archiver) IS TRUE AS failing,
  (SELECT json_build_object('name', slot_name, 'bytes', pg_wal_lsn_diff(
      CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END, restart_lsn))
    FROM pg_replication_slots WHERE restart_lsn IS NOT NULL ORDER BY restart_lsn LIMIT 1) AS slot`;

/** What may fill the volume of the WAL; undefined where the server cannot be asked. */
export async function walFacts(
  instance: Instance,
  lane: Lane,
  { sizeBytes, availableBytes, segmentBytes }: VolumeSpace,
): Promise<WalFacts | undefined> {
  try {
    const ready = await readyFiles(instance.options.layout.pgData);
    const [row] = await lane.query<{ failing: boolean; slot: { name: string; bytes: number } | null }>(factsSql);
    if (row === undefined) return undefined;
    return {
      readyFiles: ready.length,
      archivingFails: row.failing,
      segmentBytes,
      slot: row.slot ?? undefined,
      usedBytes: sizeBytes - availableBytes,
    };
  } catch {
    return undefined;
  }
}
