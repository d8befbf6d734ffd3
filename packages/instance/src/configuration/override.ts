import { type ConnectionParameters, renderConninfo, renderSettings } from '@matriarch/postgres';
import type { Layout } from '../paths.ts';

export interface OverrideInput {
  readonly layout: Layout;
  /** Empty = no streaming, WAL comes from the archive only. */
  readonly conninfo: ConnectionParameters;
  readonly slot: string | undefined;
  /** For pg_rewind: fetch single files without reading ahead, and use no slot. */
  readonly rewind: boolean;
}

/** override.conf of a standby. */
export function renderOverride(input: OverrideInput): string {
  const { layout } = input;
  const options = input.rewind ? ' --rewind' : '';
  const settings: Record<string, string> = {
    restore_command: `${layout.manager} wal-restore${options} --log-destination ${layout.logs}/postgres.json %f %p`,
    recovery_target_timeline: 'latest',
    primary_slot_name: input.rewind ? '' : (input.slot ?? ''),
    primary_conninfo: renderConninfo(input.conninfo),
  };
  return renderSettings(settings);
}
