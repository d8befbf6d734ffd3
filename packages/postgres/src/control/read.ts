import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { segmentNameAt } from '../wal/segment.ts';
import { crc32c } from './crc32c.ts';
import type { ControlData } from './types.ts';

const states = [
  'starting up',
  'shut down',
  'shut down in recovery',
  'shutting down',
  'in crash recovery',
  'in archive recovery',
  'in production',
] as const;

const walLevels = ['minimal', 'replica', 'logical'] as const;

/** pg_control_version of PostgreSQL 13 to 16, of 17, and of 18; the fields we read lie at the same places in all. */
const versions = [1300, 1700, 1800];

const nonceLength = 32;

/**
 * Reads `global/pg_control` of a data directory, of a running server too: PostgreSQL writes its 8 KiB in one piece.
 * @throws Error when the file is missing, of an unknown version, or damaged.
 */
export async function readControlData(pgData: string): Promise<ControlData> {
  const path = join(pgData, 'global', 'pg_control');
  try {
    return parseControlData(await readFile(path));
  } catch (error) {
    throw new Error(`${path} cannot be used`, { cause: error });
  }
}

/** The facts in the bytes of a pg_control file. */
export function parseControlData(file: Buffer): ControlData {
  if (file.length < 296) throw new Error(`the file has ${file.length} bytes; a control file has 8192`);
  const version = file.readUInt32LE(8);
  if (!versions.includes(version)) {
    throw new Error(`control file version ${version} is not one of ${versions.join(', ')} (PostgreSQL 13 to 18)`);
  }
  const hasSignedness = version >= 1800;
  const nonceAt = hasSignedness ? 257 : 256;
  const crcAt = hasSignedness ? 292 : 288;
  const checksum = crc32c(file.subarray(0, crcAt));
  if (checksum !== file.readUInt32LE(crcAt)) throw new Error('its checksum is wrong: the file is damaged');
  const segmentSize = file.readUInt32LE(228);
  const redo = file.readBigUInt64LE(40);
  const timeline = file.readUInt32LE(48);
  return {
    systemIdentifier: file.readBigUInt64LE(0).toString(),
    controlVersion: version,
    catalogVersion: file.readUInt32LE(12),
    state: oneOf(states, file.readInt32LE(16), 'cluster state'),
    modifiedAt: Number(file.readBigInt64LE(24)),
    checkpoint: {
      location: file.readBigUInt64LE(32),
      redo,
      redoWalFile: segmentNameAt(timeline, redo, segmentSize),
      timeline,
      previousTimeline: file.readUInt32LE(52),
      time: Number(file.readBigInt64LE(104)),
      ...checkpointCounters(file),
    },
    ...recovery(file),
    ...serverSettings(file),
    ...storage(file),
    segmentSize,
    dataChecksumVersion: file.readUInt32LE(252),
    ...(hasSignedness ? { defaultCharSigned: file.readUInt8(256) === 1 } : {}),
    mockAuthenticationNonce: file.toString('hex', nonceAt, nonceAt + nonceLength),
  };
}

function checkpointCounters(file: Buffer) {
  return {
    fullPageWrites: file.readUInt8(56) === 1,
    nextXid: file.readBigUInt64LE(64),
    nextOid: file.readUInt32LE(72),
    nextMultiXactId: file.readUInt32LE(76),
    nextMultiOffset: file.readUInt32LE(80),
    oldestXid: file.readUInt32LE(84),
    oldestXidDatabase: file.readUInt32LE(88),
    oldestMultiXid: file.readUInt32LE(92),
    oldestMultiDatabase: file.readUInt32LE(96),
    oldestCommitTimestampXid: file.readUInt32LE(112),
    newestCommitTimestampXid: file.readUInt32LE(116),
    oldestActiveXid: file.readUInt32LE(120),
  };
}

function recovery(file: Buffer) {
  return {
    unloggedLsn: file.readBigUInt64LE(128),
    minRecoveryEnd: file.readBigUInt64LE(136),
    minRecoveryEndTimeline: file.readUInt32LE(144),
    backupStart: file.readBigUInt64LE(152),
    backupEnd: file.readBigUInt64LE(160),
    backupEndRequired: file.readUInt8(168) === 1,
  };
}

function serverSettings(file: Buffer) {
  return {
    walLevel: oneOf(walLevels, file.readInt32LE(172), 'wal_level'),
    walLogHints: file.readUInt8(176) === 1,
    maxConnections: file.readInt32LE(180),
    maxWorkerProcesses: file.readInt32LE(184),
    maxWalSenders: file.readInt32LE(188),
    maxPreparedTransactions: file.readInt32LE(192),
    maxLocksPerTransaction: file.readInt32LE(196),
    trackCommitTimestamp: file.readUInt8(200) === 1,
  };
}

function storage(file: Buffer) {
  return {
    maxAlign: file.readUInt32LE(204),
    blockSize: file.readUInt32LE(216),
    blocksPerSegment: file.readUInt32LE(220),
    walBlockSize: file.readUInt32LE(224),
    nameLength: file.readUInt32LE(232),
    indexMaxKeys: file.readUInt32LE(236),
    toastChunkSize: file.readUInt32LE(240),
    largeObjectChunkSize: file.readUInt32LE(244),
    float8ByValue: file.readUInt8(248) === 1,
  };
}

function oneOf<T>(names: readonly T[], index: number, what: string): T {
  const name = names[index];
  if (name === undefined) throw new Error(`${what} ${index} is unknown`);
  return name;
}
