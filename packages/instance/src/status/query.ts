/** RFC 3339 with microseconds; the times themselves are in UTC. */
const timeFormat = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"';

/**
 * Settings that wait for a restart. What our command line sets is not among them: PostgreSQL compares it with the file
 * at every reload, and would ask for a restart that changes nothing.
 */
export const pendingRestartSql = "SELECT 1 FROM pg_settings WHERE pending_restart AND source <> 'command line'";

/**
 * Everything the status tells of a running server, in one round trip and as one JSON value whose keys are those of
 * the answer; what is null or absent there is left out by the caller.
 *
 * The timeline of a primary comes from the segment it writes: pg_control knows it only after the first checkpoint.
 */
export const statusSql = `
SELECT json_strip_nulls(json_build_object(
  'isPrimary', NOT r.recovery,
  'currentLsn', CASE WHEN NOT r.recovery THEN pg_current_wal_lsn()::text END,
  'receivedLsn', CASE WHEN r.recovery THEN
    greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::text END,
  'replayLsn', CASE WHEN r.recovery THEN pg_last_wal_replay_lsn()::text END,
  'systemID', (SELECT system_identifier::text FROM pg_control_system()),
  'replayPaused', CASE WHEN r.recovery THEN pg_is_wal_replay_paused() ELSE false END,
  'pendingRestart', EXISTS (${pendingRestartSql}),
  'isWalReceiverActive', EXISTS (SELECT 1 FROM pg_stat_wal_receiver),
  'loadedConfigurationHash', current_setting('cnpg.config_sha256', true),
  'currentWAL', CASE WHEN NOT r.recovery THEN pg_walfile_name(pg_current_wal_lsn()) END,
  'timeLineID', CASE WHEN NOT r.recovery THEN ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END,
  'isArchivingWAL', a.last_archived_time IS NOT NULL
    AND (a.last_failed_time IS NULL OR a.last_archived_time > a.last_failed_time),
  'lastArchivedWAL', coalesce(a.last_archived_wal, ''),
  'lastArchivedWALTime', coalesce(to_char(a.last_archived_time AT TIME ZONE 'UTC', '${timeFormat}'), '-infinity'),
  'lastFailedWAL', coalesce(a.last_failed_wal, ''),
  'lastFailedWALTime', coalesce(to_char(a.last_failed_time AT TIME ZONE 'UTC', '${timeFormat}'), '-infinity'),
  'replicationInfo', CASE WHEN NOT r.recovery THEN (
    SELECT json_agg(json_build_object(
      'applicationName', application_name, 'state', state, 'receivedLsn', sent_lsn::text,
      'writeLsn', write_lsn::text, 'flushLsn', flush_lsn::text, 'replayLsn', replay_lsn::text,
      'writeLag', coalesce(write_lag, '0'::interval)::text, 'flushLag', coalesce(flush_lag, '0'::interval)::text,
      'replayLag', coalesce(replay_lag, '0'::interval)::text,
      'syncState', sync_state, 'syncPriority', sync_priority::text) ORDER BY application_name)
    FROM pg_stat_replication
    WHERE usename = 'streaming_replica' AND application_name ~ $1) END,
  'replicationSlotsInfo', CASE WHEN NOT r.recovery THEN (
    SELECT json_agg(json_build_object(
      'slotName', slot_name, 'plugin', coalesce(plugin, ''), 'slotType', slot_type,
      'datoid', coalesce(datoid::text, ''), 'database', coalesce(database, ''), 'xmin', coalesce(xmin::text, ''),
      'catalogXmin', coalesce(catalog_xmin::text, ''), 'restartLsn', restart_lsn::text,
      'walStatus', coalesce(wal_status, ''), 'safeWalSize', safe_wal_size, 'active', active) ORDER BY slot_name)
    FROM pg_replication_slots) END,
  'pgStatBasebackupsInfo', (
    SELECT json_agg(json_build_object(
      'usename', s.usename, 'application_name', s.application_name, 'backend_start', s.backend_start::text,
      'phase', b.phase, 'backup_total', coalesce(b.backup_total, 0), 'backup_streamed', b.backup_streamed,
      'backup_total_pretty', coalesce(pg_size_pretty(b.backup_total), ''),
      'backup_streamed_pretty', pg_size_pretty(b.backup_streamed),
      'tablespaces_total', b.tablespaces_total, 'tablespaces_streamed', b.tablespaces_streamed))
    FROM pg_stat_progress_basebackup b JOIN pg_stat_activity s USING (pid)
    WHERE s.application_name ~ '-join$')
)) AS status
FROM (SELECT pg_is_in_recovery() AS recovery) r, pg_stat_archiver a`;

/** The few values that change from one moment to the next, cheap enough to ask for many times a second. */
export const positionSql = `
SELECT json_strip_nulls(json_build_object(
  'isPrimary', NOT r.recovery,
  'currentLsn', CASE WHEN NOT r.recovery THEN pg_current_wal_lsn()::text END,
  'receivedLsn', CASE WHEN r.recovery THEN
    greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::text END,
  'replayLsn', CASE WHEN r.recovery THEN pg_last_wal_replay_lsn()::text END,
  'isWalReceiverActive', EXISTS (SELECT 1 FROM pg_stat_wal_receiver)
)) AS status
FROM (SELECT pg_is_in_recovery() AS recovery) r`;

/** Settings that a standby must not have lower than its primary, with the value that waits for a restart. */
export const pendingDecreaseSql = `
SELECT s.name, s.setting::int AS current, f.setting::int AS pending
FROM pg_settings s JOIN pg_file_settings f ON f.name = s.name
WHERE s.pending_restart AND f.setting ~ '^[0-9]+$' AND s.name IN (
  'max_connections', 'max_prepared_transactions', 'max_wal_senders', 'max_worker_processes', 'max_locks_per_transaction')
ORDER BY f.seqno`;
