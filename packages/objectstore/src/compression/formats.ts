import type { Transform } from 'node:stream';
import { constants, createGunzip, createGzip, createZstdCompress, createZstdDecompress } from 'node:zlib';
import type { Compression } from '../config.ts';
import { StoreError } from '../store.ts';
import { bunzip2 } from './bzip2.ts';
import { snappyCompress, snappyDecompress } from './snappy.ts';

/** How one compression is written and read. `undefined`: no stream for that direction in this version. */
export interface Format {
  extension: string;
  compressor: ((purpose: Purpose) => Transform) | undefined;
  decompressor: (() => Transform) | undefined;
}

/** WAL is compressed while transactions wait for it to be safe, base backups once: they take different levels. */
export type Purpose = 'wal' | 'base';

const gzipLevels: Record<Purpose, number> = { wal: 6, base: 6 };
const zstdLevel = 4;

const formats: Record<Compression, Format> = {
  gzip: {
    extension: '.gz',
    compressor: (purpose) => createGzip({ level: gzipLevels[purpose], chunkSize: 256 * 1024, memLevel: 9 }),
    decompressor: () => createGunzip({ chunkSize: 256 * 1024 }),
  },
  zstd: {
    extension: '.zst',
    compressor: () =>
      createZstdCompress({ chunkSize: 256 * 1024, params: { [constants.ZSTD_c_compressionLevel]: zstdLevel } }),
    decompressor: () => createZstdDecompress({ chunkSize: 256 * 1024 }),
  },
  snappy: { extension: '.snappy', compressor: snappyCompress, decompressor: snappyDecompress },
  bzip2: { extension: '.bz2', compressor: undefined, decompressor: bunzip2 },
  lz4: { extension: '.lz4', compressor: undefined, decompressor: undefined },
  xz: { extension: '.xz', compressor: undefined, decompressor: undefined },
};

/** Extensions by which readers know a compression, the uncompressed form first. */
export const knownExtensions: readonly string[] = ['', ...Object.values(formats).map(({ extension }) => extension)];

/** Extension of what `compression` writes; empty for none. */
export function extensionOf(compression: Compression | undefined): string {
  return compression === undefined ? '' : formats[compression].extension;
}

/**
 * A compressing stream, undefined for no compression.
 * @throws StoreError `invalid` for a format that cannot be written.
 */
export function compressor(compression: Compression | undefined, purpose: Purpose): Transform | undefined {
  if (compression === undefined) return undefined;
  const { compressor: create } = formats[compression];
  if (create === undefined) {
    const possible = Object.entries(formats).flatMap(([name, format]) => (format.compressor ? [name] : []));
    throw new StoreError(
      'invalid',
      `compression "${compression}" cannot be written; choose one of ${possible.join(', ')}`,
    );
  }
  return create(purpose);
}

/**
 * A decompressing stream for an object's extension, undefined for the plain form.
 * @throws StoreError `invalid` for a format that cannot be read.
 */
export function decompressor(extension: string): Transform | undefined {
  if (extension === '') return undefined;
  const format = Object.values(formats).find((candidate) => candidate.extension === extension);
  if (format?.decompressor === undefined) {
    throw new StoreError('invalid', `objects with extension "${extension}" cannot be read by this version`);
  }
  return format.decompressor();
}
