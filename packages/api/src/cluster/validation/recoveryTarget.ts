// Rules on where a recovery ends.
import { invalid, isSet, missing } from '../../validation/errors.ts';
import { recoveryTargetTime } from '../../values/recoveryTime.ts';
import type { ClusterContext, ClusterRule } from './rule.ts';

const base = 'spec.bootstrap.recovery.recoveryTarget';
const target = ({ spec }: ClusterContext) => spec.bootstrap?.recovery?.recoveryTarget ?? {};

export const oneTarget: ClusterRule = (context) => {
  const { targetImmediate, targetLSN, targetName, targetXID, targetTime } = target(context);
  const texts = Object.entries({ targetLSN, targetName, targetXID, targetTime }).filter(([, text]) => isSet(text));
  const given = [...(targetImmediate === undefined ? [] : ['targetImmediate']), ...texts.map(([name]) => name)];
  return given.length > 1 ? [invalid(base, given, 'keep only one of these targets')] : [];
};

export const targetTime: ClusterRule = (context) => {
  const { targetTime: time } = target(context);
  if (!isSet(time) || recoveryTargetTime(time) !== undefined) return [];
  return [invalid(base, time, 'targetTime: write a time such as 2026-01-31T12:00:00Z or 2026-01-31 12:00:00+00')];
};

export const targetLsn: ClusterRule = (context) => {
  const { targetLSN: lsn } = target(context);
  if (!isSet(lsn) || /^[0-9A-Fa-f]{1,8}\/[0-9A-Fa-f]{1,8}$/.test(lsn)) return [];
  return [invalid(base, lsn, 'targetLSN: write two hexadecimal numbers with / between them, such as 0/3000060')];
};

export const targetXid: ClusterRule = (context) => {
  const { targetXID: xid } = target(context);
  if (!isSet(xid) || (/^\d{1,10}$/.test(xid) && Number(xid) <= 4294967295)) return [];
  return [invalid(`${base}.targetXID`, xid, 'write a decimal number from 0 to 4294967295')];
};

export const targetName: ClusterRule = (context) => {
  const { targetName: name } = target(context);
  if (!isSet(name)) return [];
  const path = `${base}.targetName`;
  const hasControlCharacter = Array.from(name, (character) => character.codePointAt(0) ?? 0).some(
    (code) => code < 0x20 || code === 0x7f,
  );
  return [
    ...(Buffer.byteLength(name) < 64 ? [] : [invalid(path, name, 'use at most 63 bytes')]),
    ...(hasControlCharacter ? [invalid(path, name, 'remove the control characters')] : []),
  ];
};

export const targetNeedsBackup: ClusterRule = (context) => {
  const { targetName: name, targetXID: xid, targetImmediate, backupID } = target(context);
  if (isSet(backupID) || context.spec.bootstrap?.recovery?.volumeSnapshots !== undefined) return [];
  const given = [isSet(name) && 'targetName', isSet(xid) && 'targetXID', targetImmediate && 'targetImmediate'];
  const names = given.filter((field) => typeof field === 'string');
  if (names.length === 0) return [];
  return [missing(base, `set backupID: ${names.join(' and ')} cannot tell which backup to start from`)];
};

export const targetTimeline: ClusterRule = (context) => {
  const { targetTLI: timeline } = target(context);
  if (!isSet(timeline) || timeline === 'latest' || /^\+?0*[1-9]\d*$/.test(timeline)) return [];
  return [invalid(`${base}.targetTLI`, timeline, 'write latest or a number from 1 on')];
};

export const recoveryTargetRules: readonly ClusterRule[] = [
  oneTarget,
  targetTime,
  targetLsn,
  targetXid,
  targetName,
  targetNeedsBackup,
  targetTimeline,
];
