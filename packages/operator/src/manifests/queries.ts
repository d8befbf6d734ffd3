/** The default metric queries, in the format of custom queries. */
export const defaultQueries = `backends:
  query: |
    SELECT sa.datname, sa.usename, coalesce(sa.application_name, '') AS application_name, sa.state,
           count(*) AS total,
           coalesce(max(extract(epoch FROM clock_timestamp() - sa.xact_start)), 0) AS max_tx_duration_seconds
      FROM pg_catalog.pg_stat_activity AS sa
     WHERE sa.usename IS NOT NULL
       AND sa.state IN ('active', 'idle', 'idle in transaction', 'idle in transaction (aborted)',
                        'fastpath function call', 'disabled')
     GROUP BY 1, 2, 3, 4
  metrics:
    - datname: {usage: LABEL, description: Name of the database}
    - usename: {usage: LABEL, description: Name of the user}
    - application_name: {usage: LABEL, description: Name of the application}
    - state: {usage: LABEL, description: State of the session}
    - total: {usage: GAUGE, description: Number of sessions}
    - max_tx_duration_seconds: {usage: GAUGE, description: Age of the oldest transaction in seconds}

backends_waiting:
  query: |
    SELECT count(*) AS total
      FROM pg_catalog.pg_locks AS waiting
      JOIN pg_catalog.pg_locks AS other
        ON other.pid <> waiting.pid
       AND other.locktype = waiting.locktype
       AND other.database IS NOT DISTINCT FROM waiting.database
       AND other.relation IS NOT DISTINCT FROM waiting.relation
       AND other.page IS NOT DISTINCT FROM waiting.page
       AND other.tuple IS NOT DISTINCT FROM waiting.tuple
       AND other.virtualxid IS NOT DISTINCT FROM waiting.virtualxid
       AND other.transactionid IS NOT DISTINCT FROM waiting.transactionid
       AND other.classid IS NOT DISTINCT FROM waiting.classid
       AND other.objid IS NOT DISTINCT FROM waiting.objid
       AND other.objsubid IS NOT DISTINCT FROM waiting.objsubid
     WHERE NOT waiting.granted
  metrics:
    - total: {usage: GAUGE, description: Number of pairs of a waiting lock and a session in its way}

pg_database:
  query: |
    SELECT datname, pg_catalog.pg_database_size(oid) AS size_bytes, pg_catalog.age(datfrozenxid) AS xid_age,
           pg_catalog.mxid_age(datminmxid) AS mxid_age
      FROM pg_catalog.pg_database
     WHERE datallowconn
  metrics:
    - datname: {usage: LABEL, description: Name of the database}
    - size_bytes: {usage: GAUGE, description: Disk space that the database uses}
    - xid_age: {usage: GAUGE, description: Transactions since the oldest one that is not frozen}
    - mxid_age: {usage: GAUGE, description: Multixacts since the oldest one that is not frozen}

pg_postmaster:
  query: |
    SELECT extract(epoch FROM pg_catalog.pg_postmaster_start_time()) AS start_time
  metrics:
    - start_time: {usage: GAUGE, description: Start of the server in seconds since 1970}

pg_replication:
  query: |
    SELECT CASE
             WHEN NOT pg_catalog.pg_is_in_recovery() THEN 0
             WHEN pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn() THEN 0
             ELSE greatest(0, extract(epoch FROM clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp()))
           END AS lag,
           pg_catalog.pg_is_in_recovery() AS in_recovery,
           EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver) AS is_wal_receiver_up,
           (SELECT count(*) FROM pg_catalog.pg_stat_replication) AS streaming_replicas
  metrics:
    - lag: {usage: GAUGE, description: Seconds that the standby is behind}
    - in_recovery: {usage: GAUGE, description: Whether the server is in recovery}
    - is_wal_receiver_up: {usage: GAUGE, description: Whether WAL is received}
    - streaming_replicas: {usage: GAUGE, description: Number of standbys that receive WAL from here}

pg_replication_slots:
  query: |
    SELECT slot_name, slot_type, database, active,
           CASE
             WHEN pg_catalog.pg_is_in_recovery()
             THEN pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_receive_lsn(), restart_lsn)
             ELSE pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn)
           END AS pg_wal_lsn_diff
      FROM pg_catalog.pg_replication_slots
     WHERE NOT temporary
  metrics:
    - slot_name: {usage: LABEL, description: Name of the slot}
    - slot_type: {usage: LABEL, description: Type of the slot}
    - database: {usage: LABEL, description: Database of a logical slot}
    - active: {usage: GAUGE, description: Whether the slot is in use}
    - pg_wal_lsn_diff: {usage: GAUGE, description: Bytes of WAL that the slot keeps}

pg_stat_archiver:
  predicate_query: |
    SELECT NOT pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('archive_mode') = 'always'
  query: |
    SELECT archived_count, failed_count,
           coalesce(extract(epoch FROM clock_timestamp() - last_archived_time), -1) AS seconds_since_last_archival,
           coalesce(extract(epoch FROM clock_timestamp() - last_failed_time), -1) AS seconds_since_last_failure,
           coalesce(extract(epoch FROM last_archived_time), -1) AS last_archived_time,
           coalesce(extract(epoch FROM last_failed_time), -1) AS last_failed_time,
           coalesce(('x' || right(split_part(last_archived_wal, '.', 1), 16))::pg_catalog.bit(64)::int8, -1)
             AS last_archived_wal_start_lsn,
           coalesce(('x' || right(split_part(last_failed_wal, '.', 1), 16))::pg_catalog.bit(64)::int8, -1)
             AS last_failed_wal_start_lsn,
           extract(epoch FROM stats_reset) AS stats_reset_time
      FROM pg_catalog.pg_stat_archiver
  metrics:
    - archived_count: {usage: COUNTER, description: WAL files archived}
    - failed_count: {usage: COUNTER, description: Failed attempts to archive a WAL file}
    - seconds_since_last_archival: {usage: GAUGE, description: Seconds since a WAL file was archived}
    - seconds_since_last_failure: {usage: GAUGE, description: Seconds since archiving failed}
    - last_archived_time: {usage: GAUGE, description: Time of the last archived WAL file}
    - last_failed_time: {usage: GAUGE, description: Time of the last failure}
    - last_archived_wal_start_lsn: {usage: GAUGE, description: Position of the last archived WAL file}
    - last_failed_wal_start_lsn: {usage: GAUGE, description: Position of the last WAL file that failed}
    - stats_reset_time: {usage: GAUGE, description: Time at which these numbers began}

pg_stat_bgwriter:
  runonserver: "<17.0.0"
  query: |
    SELECT checkpoints_timed, checkpoints_req, checkpoint_write_time, checkpoint_sync_time, buffers_checkpoint,
           buffers_clean, maxwritten_clean, buffers_backend, buffers_backend_fsync, buffers_alloc
      FROM pg_catalog.pg_stat_bgwriter
  metrics:
    - checkpoints_timed: {usage: COUNTER, description: Checkpoints by schedule}
    - checkpoints_req: {usage: COUNTER, description: Checkpoints on request}
    - checkpoint_write_time: {usage: COUNTER, description: Milliseconds of writing in checkpoints}
    - checkpoint_sync_time: {usage: COUNTER, description: Milliseconds of syncing in checkpoints}
    - buffers_checkpoint: {usage: COUNTER, description: Buffers written by checkpoints}
    - buffers_clean: {usage: COUNTER, description: Buffers written by the background writer}
    - maxwritten_clean: {usage: COUNTER, description: Times that the background writer stopped at its limit}
    - buffers_backend: {usage: COUNTER, description: Buffers written by sessions}
    - buffers_backend_fsync: {usage: COUNTER, description: Syncs that sessions did themselves}
    - buffers_alloc: {usage: COUNTER, description: Buffers allocated}

pg_stat_bgwriter_17:
  name: pg_stat_bgwriter
  runonserver: ">=17.0.0"
  query: |
    SELECT buffers_clean, maxwritten_clean, buffers_alloc, extract(epoch FROM stats_reset) AS stats_reset_time
      FROM pg_catalog.pg_stat_bgwriter
  metrics:
    - buffers_clean: {usage: COUNTER, description: Buffers written by the background writer}
    - maxwritten_clean: {usage: COUNTER, description: Times that the background writer stopped at its limit}
    - buffers_alloc: {usage: COUNTER, description: Buffers allocated}
    - stats_reset_time: {usage: GAUGE, description: Time at which these numbers began}

pg_stat_checkpointer:
  runonserver: ">=17.0.0"
  query: |
    SELECT num_timed AS checkpoints_timed, num_requested AS checkpoints_req, restartpoints_timed, restartpoints_req,
           restartpoints_done, write_time, sync_time, buffers_written,
           extract(epoch FROM stats_reset) AS stats_reset_time
      FROM pg_catalog.pg_stat_checkpointer
  metrics:
    - checkpoints_timed: {usage: COUNTER, description: Checkpoints by schedule}
    - checkpoints_req: {usage: COUNTER, description: Checkpoints on request}
    - restartpoints_timed: {usage: COUNTER, description: Restartpoints by schedule}
    - restartpoints_req: {usage: COUNTER, description: Restartpoints on request}
    - restartpoints_done: {usage: COUNTER, description: Restartpoints performed}
    - write_time: {usage: COUNTER, description: Milliseconds of writing}
    - sync_time: {usage: COUNTER, description: Milliseconds of syncing}
    - buffers_written: {usage: COUNTER, description: Buffers written}
    - stats_reset_time: {usage: GAUGE, description: Time at which these numbers began}

pg_stat_database:
  query: |
    SELECT datname, xact_commit, xact_rollback, blks_read, blks_hit, tup_returned, tup_fetched, tup_inserted,
           tup_updated, tup_deleted, conflicts, temp_files, temp_bytes, deadlocks, blk_read_time, blk_write_time
      FROM pg_catalog.pg_stat_database
  metrics:
    - datname: {usage: LABEL, description: Name of the database}
    - xact_commit: {usage: COUNTER, description: Transactions committed}
    - xact_rollback: {usage: COUNTER, description: Transactions rolled back}
    - blks_read: {usage: COUNTER, description: Blocks read from disk}
    - blks_hit: {usage: COUNTER, description: Blocks found in the buffers}
    - tup_returned: {usage: COUNTER, description: Rows returned}
    - tup_fetched: {usage: COUNTER, description: Rows fetched}
    - tup_inserted: {usage: COUNTER, description: Rows inserted}
    - tup_updated: {usage: COUNTER, description: Rows updated}
    - tup_deleted: {usage: COUNTER, description: Rows deleted}
    - conflicts: {usage: COUNTER, description: Queries cancelled by recovery}
    - temp_files: {usage: COUNTER, description: Temporary files}
    - temp_bytes: {usage: COUNTER, description: Bytes in temporary files}
    - deadlocks: {usage: COUNTER, description: Deadlocks}
    - blk_read_time: {usage: COUNTER, description: Milliseconds of reading blocks}
    - blk_write_time: {usage: COUNTER, description: Milliseconds of writing blocks}

pg_stat_replication:
  primary: true
  query: |
    SELECT usename, coalesce(application_name, '') AS application_name, coalesce(client_addr::text, '') AS client_addr,
           coalesce(client_port::text, '') AS client_port, extract(epoch FROM backend_start) AS backend_start,
           coalesce(pg_catalog.age(backend_xmin), 0) AS backend_xmin_age,
           pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), sent_lsn) AS sent_diff_bytes,
           pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), write_lsn) AS write_diff_bytes,
           pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), flush_lsn) AS flush_diff_bytes,
           coalesce(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), replay_lsn), 0) AS replay_diff_bytes,
           coalesce(extract(epoch FROM write_lag), 0) AS write_lag_seconds,
           coalesce(extract(epoch FROM flush_lag), 0) AS flush_lag_seconds,
           coalesce(extract(epoch FROM replay_lag), 0) AS replay_lag_seconds
      FROM pg_catalog.pg_stat_replication
  metrics:
    - usename: {usage: LABEL, description: Name of the replication user}
    - application_name: {usage: LABEL, description: Name of the standby}
    - client_addr: {usage: LABEL, description: Address of the standby}
    - client_port: {usage: LABEL, description: Port of the standby}
    - backend_start: {usage: COUNTER, description: Start of the connection in seconds since 1970}
    - backend_xmin_age: {usage: COUNTER, description: Age of the oldest transaction that the standby needs}
    - sent_diff_bytes: {usage: GAUGE, description: Bytes of WAL not sent yet}
    - write_diff_bytes: {usage: GAUGE, description: Bytes of WAL that the standby has not written yet}
    - flush_diff_bytes: {usage: GAUGE, description: Bytes of WAL that the standby has not flushed yet}
    - replay_diff_bytes: {usage: GAUGE, description: Bytes of WAL that the standby has not replayed yet}
    - write_lag_seconds: {usage: GAUGE, description: Time until the standby has written}
    - flush_lag_seconds: {usage: GAUGE, description: Time until the standby has flushed}
    - replay_lag_seconds: {usage: GAUGE, description: Time until the standby has replayed}

pg_settings:
  query: |
    SELECT name, CASE setting WHEN 'on' THEN '1' WHEN 'off' THEN '0' ELSE setting END AS setting
      FROM pg_catalog.pg_settings
     WHERE vartype IN ('integer', 'real', 'bool')
  metrics:
    - name: {usage: LABEL, description: Name of the setting}
    - setting: {usage: GAUGE, description: Value in the unit of the setting}

pg_extensions:
  target_databases: ["*"]
  query: |
    SELECT pg_catalog.current_database() AS datname, name AS extname, default_version, installed_version,
           CASE WHEN default_version = installed_version THEN 0 ELSE 1 END AS update_available
      FROM pg_catalog.pg_available_extensions
     WHERE installed_version IS NOT NULL
  metrics:
    - datname: {usage: LABEL, description: Name of the database}
    - extname: {usage: LABEL, description: Name of the extension}
    - default_version: {usage: LABEL, description: Version that CREATE EXTENSION would install}
    - installed_version: {usage: LABEL, description: Version that is installed}
    - update_available: {usage: GAUGE, description: Whether another version could be installed}
`;
