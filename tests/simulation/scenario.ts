import type { Cluster } from '@matriarch/api';
import type { Simulation } from './engine/simulation.ts';

/** The kind of cluster that a schedule plays with. */
export interface Scenario {
  readonly spec: Partial<Cluster['spec']>;
  readonly machines: number;
  readonly switchoverDelayMs: number;
}

type Synchronous = NonNullable<NonNullable<Cluster['spec']['postgresql']>['synchronous']>;

/** A few kinds only, since each is brought up once; what matters most comes most. */
export function drawScenario({ random }: Simulation): Scenario {
  const instances = random.pick([1, 2, 2, 3, 3, 3, 3, 3, 3, 5]);
  const synchronous = instances === 1 ? undefined : drawSynchronous(random.next(), instances);
  const tight = random.chance(0.7);
  const spec: Partial<Cluster['spec']> = {
    instances,
    ...(tight ? { primaryLease: { leaseDurationSeconds: 6, renewDeadlineSeconds: 4, retryPeriodSeconds: 1 } } : {}),
    ...(synchronous ? { postgresql: { synchronous } } : {}),
    ...(random.chance(0.1) ? { failoverDelay: 3 } : {}),
  };
  return { spec, machines: instances + 3, switchoverDelayMs: random.chance(0.3) ? 3000 : 20_000 };
}

function drawSynchronous(draw: number, instances: number): Synchronous | undefined {
  if (draw < 0.35) return undefined;
  if (draw < 0.65) return { method: 'any', number: 1 };
  if (draw < 0.75) return { method: 'first', number: 1 };
  if (draw < 0.82) return { method: 'any', number: 1, dataDurability: 'preferred' };
  if (draw < 0.92) return { method: 'any', number: 1, failoverQuorum: true };
  return { method: 'any', number: Math.min(2, instances - 1) };
}
