import { createHash } from 'node:crypto';

export interface ReceivedFile {
  readonly size: number;
  readonly crc32c: number;
}

/** Files as they arrived, by their path in the backup; tablespaces below `pg_tblspc/OID/`. */
export type ReceivedFiles = Map<string, ReceivedFile>;

interface ManifestEntry {
  readonly Path?: string;
  /** A path that is not UTF-8, in hexadecimal. */
  readonly 'Encoded-Path'?: string;
  readonly Size: number;
  readonly 'Checksum-Algorithm'?: string;
  readonly Checksum?: string;
}

/**
 * Compares what arrived with the server's backup_manifest (CRC32C), both ways, and the manifest with its own checksum.
 * WAL is not in a manifest: its records carry their own checksums.
 * @throws Error that names the first file that differs.
 */
export function verifyManifest(manifest: Buffer, received: ReceivedFiles): void {
  verifyOwnChecksum(manifest);
  const { Files: files } = JSON.parse(manifest.toString('utf8')) as { Files: readonly ManifestEntry[] };
  const known = new Set<string>();
  for (const entry of files) {
    const path = entry.Path ?? Buffer.from(entry['Encoded-Path'] ?? '', 'hex').toString('latin1');
    known.add(path);
    verifyFile(path, entry, received.get(path));
  }
  for (const path of received.keys()) {
    if (!known.has(path) && !path.startsWith('pg_wal/')) {
      throw new Error(`base backup: "${path}" arrived but is not in the backup manifest`);
    }
  }
}

function verifyFile(path: string, entry: ManifestEntry, file: ReceivedFile | undefined): void {
  if (file === undefined) throw new Error(`base backup: "${path}" of the backup manifest did not arrive`);
  if (file.size !== entry.Size) {
    throw new Error(`base backup: "${path}" arrived with ${file.size} bytes, the backup manifest says ${entry.Size}`);
  }
  if (entry['Checksum-Algorithm'] !== 'CRC32C') {
    throw new Error(`base backup: the manifest protects "${path}" with ${entry['Checksum-Algorithm']}, not CRC32C`);
  }
  if (Buffer.from(entry.Checksum ?? '', 'hex').readUInt32LE(0) !== file.crc32c) {
    throw new Error(`base backup: "${path}" arrived damaged: its checksum differs from the backup manifest`);
  }
}

/** The last line holds the SHA-256 of everything before it. */
function verifyOwnChecksum(manifest: Buffer): void {
  const at = manifest.lastIndexOf('"Manifest-Checksum"');
  const stated = /"Manifest-Checksum": "([0-9a-f]{64})"/.exec(manifest.toString('latin1', Math.max(0, at)))?.[1];
  if (at < 0 || stated === undefined) throw new Error('base backup: the backup manifest is cut off');
  if (createHash('sha256').update(manifest.subarray(0, at)).digest('hex') !== stated) {
    throw new Error('base backup: the backup manifest arrived damaged: its own checksum is wrong');
  }
}
