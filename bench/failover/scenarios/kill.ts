import { type Gap, longestGap } from '../gaps.ts';
import { operatorOf, podProcesses, postmasterOf, signalAll } from '../processes.ts';
import { type Scenario, synchronous } from '../scenario.ts';
import type { System } from '../system.ts';
import { lostRows, movedOn, streamsAgain, withTraffic } from '../traffic.ts';

type Seen = (gap: Gap) => void;
type Victims = (system: System, primary: string) => readonly number[];

const postmaster: Victims = ({ matriarch }, primary) => [postmasterOf(podProcesses(matriarch.state, primary))];
const wholePod: Victims = ({ matriarch }, primary) => podProcesses(matriarch.state, primary).map(({ pid }) => pid);
const postmasterAndOperator: Victims = (system, primary) => [
  operatorOf(system.matriarch.state),
  ...postmaster(system, primary),
];

/** Kills processes of the primary; another instance has to take over. */
async function kill(system: System, victims: Victims, seen: Seen): Promise<Record<string, number>> {
  const { primary, gap, rejoin, writer } = await withTraffic(system, async (before) => {
    const pids = victims(system, before.primary);
    const at = performance.now();
    signalAll(pids, 'SIGKILL');
    await movedOn(before);
    const longest = longestGap(before.writer.acknowledged, at);
    seen(longest);
    return { ...before, gap: longest.seconds, rejoin: await streamsAgain(system, before.primary, at) };
  });
  await system.healed();
  const lost = (await lostRows(system, [writer])).length;
  // The kubelet holds back a container that has ended often; with a new pod it starts to count anew.
  await system.objects.replacePod(primary);
  await system.healed();
  return { gap, rejoin, lost };
}

const seconds = (what: string, target: string) => ({ what, unit: 's', target });
const rows = (what: string, target: string) => ({ what, unit: 'rows', target, digits: 0 });
const rejoins = 'rejoin of the old primary: streams again after';

function scenario(name: string, what: string, target: string, victims: Victims, spec = {}): Scenario {
  const lost = Object.keys(spec).length > 0 ? '0' : '-';
  return {
    name,
    spec,
    measures: {
      gap: seconds(`${what}: write gap`, target),
      rejoin: seconds(`${what}: ${rejoins}`, '<= 10'),
      lost: rows(`${what}: acknowledged rows lost`, lost),
    },
    run: (system, seen) => kill(system, victims, seen),
  };
}

export const killPostgres = scenario('kill-postgres', 'kill -9 of postgres', '<= 1.0', postmaster);
export const killPod = scenario('kill-pod', 'kill -9 of the whole pod', '<= 1.5', wholePod);
export const killPostgresSync = scenario(
  'kill-postgres-sync',
  'kill -9 of postgres, synchronous',
  '<= 1.0',
  postmaster,
  synchronous,
);
export const killPodSync = scenario(
  'kill-pod-sync',
  'kill -9 of the whole pod, synchronous',
  '<= 1.5',
  wholePod,
  synchronous,
);

/** The container of the operator is started again at once the first time only: each run has a new pod. */
async function killOperatorToo(system: System, seen: Seen): Promise<Record<string, number>> {
  const figures = await kill(system, postmasterAndOperator, seen);
  await system.objects.replaceOperator();
  return { gap: figures.gap ?? Number.NaN };
}

export const killOperator: Scenario = {
  name: 'kill-operator',
  spec: {},
  measures: {
    gap: seconds('kill -9 of postgres and of the operator at once: write gap', '<= 2 s more than without'),
  },
  run: killOperatorToo,
};
