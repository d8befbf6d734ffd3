/** What fills the volume of the WAL, where it can be told. */
export interface WalFacts {
  /** WAL files that wait for the archiver. */
  readonly readyFiles: number;
  readonly archivingFails: boolean;
  readonly segmentBytes: number;
  /** The replication slot that holds most WAL back. */
  readonly slot: { readonly name: string; readonly bytes: number } | undefined;
  /** Bytes of the volume that are in use. */
  readonly usedBytes: number;
}

/** What holds less than this part of the used bytes is not called the cause. */
const share = 0.2;

export function causeOf(facts: WalFacts | undefined): string {
  if (facts === undefined) return 'what fills it is not known';
  const waiting = facts.readyFiles * facts.segmentBytes;
  const held = facts.slot?.bytes ?? 0;
  const least = share * facts.usedBytes;
  if (waiting >= least && waiting >= held && facts.readyFiles > 1) {
    const how = facts.archivingFails ? 'archiving fails and' : 'archiving is slower than the writes and';
    return `${how} ${facts.readyFiles} WAL files wait for it`;
  }
  if (held >= least && facts.slot !== undefined) {
    return `the replication slot ${facts.slot.name} holds ${mebibytes(held)} of WAL`;
  }
  return 'most of it is data';
}

export function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
