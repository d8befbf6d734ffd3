export type { Query } from './backup/session.ts';
export { type BaseBackupRequest, backupIdOf, takeBaseBackup } from './backup/take.ts';
export {
  type BackupInfo,
  formatBackupInfo,
  formatTime,
  parseBackupInfo,
  type Tablespace,
} from './catalogue/backup-info.ts';
export {
  type Archive,
  archiveOf,
  type CatalogueReading,
  type DoneBackup,
  isDone,
  readCatalogue,
  recoverability,
} from './catalogue/catalogue.ts';
export { type BackupChoice, chooseBackup } from './catalogue/choose.ts';
export { applyRetention } from './catalogue/prune.ts';
export { windowOf } from './catalogue/retention.ts';
export type { Compression, DataOptions, S3Credentials, StoreConfig, WalOptions } from './config.ts';
export { openStore } from './open.ts';
export { type RestoreRequest, restoreBaseBackup } from './restore/restore.ts';
export { isMissing, type ObjectStore, StoreError, type StoreErrorKind } from './store.ts';
export { packedHash, packedSize, packFiles } from './tar/pack.ts';
export { readTar, type TarMember } from './tar/read.ts';
export { type ArchiveOptions, archiveWal } from './wal/archive.ts';
export { checkEmptyArchive } from './wal/empty.ts';
export { isSegmentName, isWalName, nextSegment } from './wal/names.ts';
export { findWal, restoreWal } from './wal/restore.ts';
