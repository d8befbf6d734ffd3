// What the operator knows of single PostgreSQL parameters.

/** Values in force unless the user says otherwise, for every supported major version. */
export const defaultParameters: Readonly<Record<string, string>> = {
  archive_timeout: '5min',
  dynamic_shared_memory_type: 'posix',
  full_page_writes: 'on',
  log_destination: 'csvlog',
  log_directory: '/controller/log',
  log_filename: 'postgres',
  log_rotation_age: '0',
  log_rotation_size: '0',
  log_truncate_on_rotation: 'false',
  logging_collector: 'on',
  max_parallel_workers: '32',
  max_replication_slots: '32',
  max_worker_processes: '32',
  shared_memory_type: 'mmap',
  shared_preload_libraries: '',
  ssl_max_protocol_version: 'TLSv1.3',
  ssl_min_protocol_version: 'TLSv1.3',
  wal_keep_size: '512MB',
  wal_level: 'logical',
  wal_log_hints: 'on',
  wal_receiver_timeout: '5s',
  wal_sender_timeout: '5s',
};

const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');

/** Parameters that the operator sets itself. */
const setByOperator = words(`
  archive_command archive_mode cluster_name pg_failover_slots.primary_dsn pg_failover_slots.standby_slot_names port
  primary_conninfo primary_slot_name recovery_target recovery_target_action recovery_target_inclusive
  recovery_target_lsn recovery_target_name recovery_target_time recovery_target_timeline recovery_target_xid
  restore_command shared_preload_libraries ssl ssl_ca_file ssl_cert_file ssl_crl_file ssl_dh_params_file ssl_key_file
  ssl_passphrase_command ssl_passphrase_command_supports_reload ssl_prefer_server_ciphers synchronized_standby_slots
  synchronous_standby_names temp_tablespaces`);

/** Parameters that must stay as they are. */
const blocked = words(`
  allow_system_table_mods archive_cleanup_command bonjour bonjour_name config_file data_directory data_sync_retry
  event_source external_pid_file hba_file hot_standby ident_file jit_provider listen_addresses log_destination
  log_directory log_file_mode log_filename log_rotation_age log_rotation_size log_truncate_on_rotation
  logging_collector promote_trigger_file recovery_end_command recovery_min_apply_delay restart_after_crash
  stats_temp_directory syslog_facility syslog_ident syslog_sequence_numbers syslog_split_messages
  unix_socket_directories unix_socket_group unix_socket_permissions`);

/** Parameters that a cluster cannot change. */
export const fixedParameters: ReadonlySet<string> = new Set([...setByOperator, ...blocked]);

/** Parameters that a standby needs at least as large as the primary. */
export const hotStandbySensitiveParameters = [
  'max_connections',
  'max_prepared_transactions',
  'max_wal_senders',
  'max_worker_processes',
  'max_locks_per_transaction',
] as const;

export interface ManagedExtension {
  /** Any parameter of the user with this prefix enables the extension. */
  readonly prefix: string;
  readonly library: string;
  /** Name for CREATE EXTENSION; absent where there is nothing to create. */
  readonly extension?: string;
}

export const managedExtensions: readonly ManagedExtension[] = [
  { prefix: 'pgaudit.', library: 'pgaudit', extension: 'pgaudit' },
  { prefix: 'pg_stat_statements.', library: 'pg_stat_statements', extension: 'pg_stat_statements' },
  { prefix: 'auto_explain.', library: 'auto_explain' },
  { prefix: 'pg_failover_slots.', library: 'pg_failover_slots' },
];
