import type { Scenario } from '../scenario.ts';
import { killOperator, killPod, killPodSync, killPostgres, killPostgresSync } from './kill.ts';
import { rolling, rollingSwitchover } from './rolling.ts';
import { silentDefault, silentDefaultSync, silentShort, silentShortSync } from './silent.ts';
import { switchover, switchoverSync } from './switchover.ts';

export const scenarios: readonly Scenario[] = [
  killPostgres,
  killPostgresSync,
  killPod,
  killPodSync,
  killOperator,
  silentShort,
  silentShortSync,
  silentDefault,
  silentDefaultSync,
  switchover,
  switchoverSync,
  rolling,
  rollingSwitchover,
];
