import { ruleTest } from '../../testing/cluster.ts';
import type { RecoveryTarget } from '../schema/bootstrap.ts';
import {
  oneTarget,
  targetLsn,
  targetName,
  targetNeedsBackup,
  targetTime,
  targetTimeline,
  targetXid,
} from './recoveryTarget.ts';

const base = 'spec.bootstrap.recovery.recoveryTarget';
const ends = (recoveryTarget: RecoveryTarget) => ({ spec: { bootstrap: { recovery: { recoveryTarget } } } });

ruleTest(oneTarget, [
  [{}],
  [ends({ targetTime: '2026-01-01', targetTLI: '2' })],
  [ends({ targetLSN: '0/1', targetXID: '5' }), `Invalid ${base}`],
  [ends({ targetImmediate: false, targetName: 'n' }), `Invalid ${base}`],
]);
ruleTest(targetTime, [
  [ends({ targetTime: '2026-01-31 10:00:00.5+02:30' })],
  [ends({ targetTime: '2026-01-31T10:00:00Z' })],
  [ends({ targetTime: 'yesterday' }), `Invalid ${base}`],
]);
ruleTest(targetLsn, [
  [ends({ targetLSN: '0/3000060' })],
  [ends({ targetLSN: 'aF/1' })],
  [ends({ targetLSN: '3000060' }), `Invalid ${base}`],
  [ends({ targetLSN: '0/1/2' }), `Invalid ${base}`],
  [ends({ targetLSN: '0/' }), `Invalid ${base}`],
]);
ruleTest(targetXid, [
  [ends({ targetXID: '0' })],
  [ends({ targetXID: '4294967295' })],
  [ends({ targetXID: '4294967296' }), `Invalid ${base}.targetXID`],
  [ends({ targetXID: '-1' }), `Invalid ${base}.targetXID`],
]);
ruleTest(targetName, [
  [ends({ targetName: 'é'.repeat(31) })],
  [ends({ targetName: 'é'.repeat(32) }), `Invalid ${base}.targetName`],
  [ends({ targetName: 'a\tb' }), `Invalid ${base}.targetName`],
  [ends({ targetName: 'a\u007f' }), `Invalid ${base}.targetName`],
]);
const snapshots = { storage: { kind: 'PersistentVolumeClaim', name: 'c' } };
ruleTest(targetNeedsBackup, [
  [ends({ targetTime: '2026-01-01' })],
  [ends({ targetName: 'n', backupID: 'i' })],
  [ends({ targetName: 'n' }), `Required ${base}`],
  [ends({ targetXID: '5' }), `Required ${base}`],
  [ends({ targetImmediate: true }), `Required ${base}`],
  [{ spec: { bootstrap: { recovery: { recoveryTarget: { targetName: 'n' }, volumeSnapshots: snapshots } } } }],
]);
ruleTest(targetTimeline, [
  [ends({ targetTLI: 'latest' })],
  [ends({ targetTLI: '12' })],
  [ends({ targetTLI: '0' }), `Invalid ${base}.targetTLI`],
  [ends({ targetTLI: 'current' }), `Invalid ${base}.targetTLI`],
]);
