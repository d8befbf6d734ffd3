import type { Layout } from '../paths.ts';

export type Parameters = Readonly<Record<string, string>>;

/** What a cluster runs with where the user says nothing. */
export function defaultParameters(layout: Layout): Parameters {
  return {
    archive_timeout: '5min',
    dynamic_shared_memory_type: 'posix',
    full_page_writes: 'on',
    logging_collector: 'on',
    log_destination: 'csvlog',
    log_directory: layout.logs,
    log_filename: 'postgres',
    log_rotation_age: '0',
    log_rotation_size: '0',
    log_truncate_on_rotation: 'false',
    max_parallel_workers: '32',
    max_worker_processes: '32',
    max_replication_slots: '32',
    shared_memory_type: 'mmap',
    ssl_max_protocol_version: 'TLSv1.3',
    ssl_min_protocol_version: 'TLSv1.3',
    wal_keep_size: '512MB',
    wal_level: 'logical',
    wal_log_hints: 'on',
    wal_sender_timeout: '5s',
    wal_receiver_timeout: '5s',
  };
}

/** What the manager depends on; it wins over everything the user says. */
export function mandatoryParameters(layout: Layout, major: number, alterSystem: boolean): Parameters {
  const fixed: Record<string, string> = {
    archive_command: `${layout.manager} wal-archive --log-destination ${layout.logs}/postgres.json %p`,
    hot_standby: 'true',
    listen_addresses: '*',
    port: '5432',
    restart_after_crash: 'false',
    ssl: 'on',
    ssl_ca_file: `${layout.certificates}/client-ca.crt`,
    ssl_cert_file: `${layout.certificates}/server.crt`,
    ssl_key_file: `${layout.certificates}/server.key`,
    unix_socket_directories: layout.run,
  };
  if (major >= 17) fixed.allow_alter_system = alterSystem ? 'on' : 'off';
  return fixed;
}

/** Prefixes of parameters that no user may set. */
const reservedPrefixes = ['recovery_target', 'unix_socket_', 'log_rotation_', 'ssl_passphrase_', 'syslog_', 'cnpg.'];

const reservedNames: ReadonlySet<string> = new Set([
  'allow_system_table_mods',
  'archive_cleanup_command',
  'archive_command',
  'archive_mode',
  'bonjour',
  'bonjour_name',
  'cluster_name',
  'config_file',
  'data_directory',
  'data_sync_retry',
  'event_source',
  'external_pid_file',
  'hba_file',
  'hot_standby',
  'ident_file',
  'jit_provider',
  'listen_addresses',
  'log_destination',
  'log_directory',
  'log_file_mode',
  'log_filename',
  'log_truncate_on_rotation',
  'logging_collector',
  'pg_failover_slots.primary_dsn',
  'pg_failover_slots.standby_slot_names',
  'port',
  'primary_conninfo',
  'primary_slot_name',
  'promote_trigger_file',
  'recovery_end_command',
  'recovery_min_apply_delay',
  'restart_after_crash',
  'restore_command',
  'shared_preload_libraries',
  'ssl',
  'ssl_ca_file',
  'ssl_cert_file',
  'ssl_crl_file',
  'ssl_dh_params_file',
  'ssl_key_file',
  'ssl_prefer_server_ciphers',
  'stats_temp_directory',
  'synchronized_standby_slots',
  'synchronous_standby_names',
  'temp_tablespaces',
]);

/** Whether a parameter belongs to the manager; the admission webhook refuses it in `spec.postgresql.parameters`. */
export function isReservedParameter(name: string): boolean {
  return reservedNames.has(name) || reservedPrefixes.some((prefix) => name.startsWith(prefix));
}
