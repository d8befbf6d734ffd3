export { type ConnectionParameters, parseConninfo, quoteConninfoValue, renderConninfo } from './conninfo.ts';
export { crc32c } from './control/crc32c.ts';
export { printControlData } from './control/print.ts';
export { parseControlData, readControlData } from './control/read.ts';
export type { Checkpoint, ClusterState, ControlData, WalLevel } from './control/types.ts';
export { type Connection, connectToServer, type SessionKind } from './protocol/connect.ts';
export { ConnectionFailure, ServerError } from './protocol/errors.ts';
export {
  type BaseBackupProgress,
  type BaseBackupRequest,
  type BaseBackupResult,
  takeBaseBackup,
} from './replication/base-backup.ts';
export {
  createTemporarySlot,
  identifySystem,
  query,
  type Row,
  type SystemIdentity,
  showSetting,
  timelineHistory,
} from './replication/session.ts';
export { type InitdbRequest, initdb, syncDataDirectory } from './server/initdb.ts';
export {
  findRunningPostmaster,
  isAlive,
  type PostmasterPid,
  type PostmasterStatus,
  parsePostmasterPid,
  readPostmasterPid,
} from './server/pidfile.ts';
export { type ProcessStat, parseProcessStat, processStat } from './server/process.ts';
export { type LineHandler, ProgramError, type ProgramOptions, runProgram } from './server/program.ts';
export { promote } from './server/promote.ts';
export { checkReadiness, type Readiness, socketPath } from './server/ready.ts';
export {
  describeExit,
  type Server,
  type ServerExit,
  type StartRequest,
  startServer,
  waitUntilReady,
} from './server/start.ts';
export { type StopMode, type StopPhase, stopServer, stopSignals } from './server/stop.ts';
export { quoteSetting, renderSettings } from './settings/quote.ts';
export { quoteIdentifier, quoteLiteral } from './settings/sql.ts';
export { type SuperuserOptions, safeSearchPath, withSuperuser } from './sql.ts';
export { dataDirectoryVersion, majorVersion } from './versions.ts';
export { formatLsn, isLsn, type Lsn, parseLsn } from './wal/lsn.ts';
export {
  checkSegmentSize,
  isSegmentName,
  nextSegmentName,
  parseSegmentName,
  type Segment,
  segmentName,
  segmentNameAt,
  segmentStart,
} from './wal/segment.ts';
export {
  formatHistory,
  historyFileName,
  isOnHistory,
  parseHistory,
  type TimelineSwitch,
  timelineOfHistoryFile,
} from './wal/timeline.ts';
