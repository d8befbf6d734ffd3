import type { Cluster } from '@matriarch/api';
import { formatLsn, parseHistory, parseLsn } from '@matriarch/postgres';
import { conninfoToPrimary } from '../configuration/files.ts';
import type { Instance } from '../instance.ts';
import { askNewPrimary } from '../rejoin/source.ts';
import { walTimeline } from '../status/timeline.ts';

const placeSql = `SELECT greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::text AS place`;

/**
 * Whether this standby has WAL of its timeline beyond the place where the timeline of the primary left it. PostgreSQL
 * refuses to stream to such a standby, again and again, for what it has can not be taken back.
 */
export async function hasDiverged(instance: Instance, cluster: Cluster): Promise<boolean> {
  const [row] = await instance.database.query<{ place: string | null }>(placeSql);
  if (!row?.place) return false;
  const timeline = await walTimeline(instance.options.layout.pgData);
  const primary = await askNewPrimary(await conninfoToPrimary(instance, cluster));
  if (primary.timeline <= timeline) return false;
  const branch = parseHistory(primary.history).find((entry) => entry.timeline === timeline);
  const diverged = branch === undefined || parseLsn(row.place) > branch.switchedAt;
  if (diverged) {
    const branchedAt = branch === undefined ? 'never' : formatLsn(branch.switchedAt);
    instance.logger.warn(
      { timeline, place: row.place, primaryTimeline: primary.timeline, branchedAt },
      'This standby has WAL that its primary does not have',
    );
  }
  return diverged;
}
