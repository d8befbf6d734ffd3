import type { RecoveryTarget } from '@matriarch/api';
import type { BackupChoice } from '@matriarch/objectstore';

/** What of a recovery target decides on the base backup. */
export function backupChoice(target: RecoveryTarget | undefined): BackupChoice {
  return {
    backupId: target?.backupID || undefined,
    targetTime: target?.targetTime ? new Date(isoTime(target.targetTime)) : undefined,
    targetLsn: target?.targetLSN || undefined,
    targetTimeline: target?.targetTLI || undefined,
  };
}

/** The settings that make PostgreSQL stop where the target says; without a target: at the end of the archive. */
export function recoverySettings(target: RecoveryTarget | undefined): Record<string, string> {
  if (target === undefined) return {};
  const settings: Record<string, string | undefined> = {
    recovery_target_timeline: target.targetTLI,
    recovery_target_xid: target.targetXID,
    recovery_target_name: target.targetName,
    recovery_target_lsn: target.targetLSN,
    recovery_target_time: target.targetTime ? serverTime(target.targetTime) : undefined,
    recovery_target: target.targetImmediate === true ? 'immediate' : undefined,
    recovery_target_inclusive: target.exclusive === true ? 'false' : 'true',
  };
  return Object.fromEntries(Object.entries(settings).flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

const rfc3339 = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)?$/;
const zone = /(?:[Zz]|[+-]\d\d(?::?\d\d(?::\d\d)?)?)$/;

/**
 * A time as PostgreSQL reads it. RFC 3339 forms get six decimals and a numeric zone; PostgreSQL's own forms stay as
 * they are, but for the zone: one without means UTC, whatever the time zone of the server.
 */
export function serverTime(text: string): string {
  const match = rfc3339.exec(text);
  if (match !== null) {
    const [, date, clock, fraction = '.', offset = 'Z'] = match;
    return `${date} ${clock}${fraction.slice(0, 7).padEnd(7, '0')}${/^[Zz]$/.test(offset) ? '+00:00' : offset}`;
  }
  const [, clock] = text.trim().split(/\s+/, 2);
  if (clock === undefined) return `${text.trim()} 00:00:00+00:00`;
  return zone.test(clock) ? text : `${text.trim()}+00:00`;
}

/** The same time in the form that Date reads. */
function isoTime(text: string): string {
  const [date = '', clock = ''] = serverTime(text).split(/\s+/, 2);
  const [, time = '', sign = '+', hours = '00', minutes = '00'] =
    /^([\d:.]+)(?:([+-])(\d\d):?(\d\d)?.*)?$/.exec(clock) ?? [];
  return `${date}T${time}${sign}${hours}:${minutes}`;
}
