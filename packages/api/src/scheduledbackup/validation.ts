// Validation of ScheduledBackups.
import { onlineFitsMethod, snapshotsKnown } from '../backup/validation.ts';
import type { ApiConfig } from '../names/defaults.ts';
import { parseSchedule, scheduleFields } from '../schedule/schedule.ts';
import { type FieldError, invalid } from '../validation/errors.ts';
import type { ScheduledBackup } from './kind.ts';

function schedule({ spec }: ScheduledBackup): FieldError[] {
  const result = parseSchedule(spec.schedule);
  return result.ok ? [] : [invalid('spec.schedule', spec.schedule, result.error)];
}

export const validateScheduledBackup = (scheduled: ScheduledBackup, config: ApiConfig): FieldError[] => [
  ...schedule(scheduled),
  ...snapshotsKnown(scheduled.spec, config),
  ...onlineFitsMethod(scheduled.spec),
];

/** Warns of a schedule that is perhaps meant as one without seconds. */
export function scheduledBackupWarnings({ spec }: ScheduledBackup): string[] {
  if (scheduleFields(spec.schedule).length === 6) return [];
  return [
    `spec.schedule: "${spec.schedule}" has not six fields; the first field is the second, and the day of week comes last`,
  ];
}
