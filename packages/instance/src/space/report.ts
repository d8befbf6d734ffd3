import { causeOf, mebibytes, type WalFacts } from './cause.ts';
import { isWorse, type Level, type Restraint, type VolumeSpace } from './levels.ts';

/** What the status says of the volumes; the text stays the same for as long as level and cause do. */
export interface SpaceReport {
  readonly level: Exclude<Level, 'roomy'>;
  readonly message: string;
}

export interface SpaceView {
  readonly podName: string;
  readonly volumes: readonly { readonly space: VolumeSpace; readonly level: Level }[];
  readonly restraint: Restraint;
  readonly facts: WalFacts | undefined;
  /** Whether the WAL has a volume of its own. */
  readonly walVolume: boolean;
}

/** Undefined while every volume has room. */
export function reportOf(view: SpaceView): SpaceReport | undefined {
  const [first, ...rest] = view.volumes.filter(({ level }) => level !== 'roomy');
  if (first === undefined) return undefined;
  const worst = rest.reduce((worse, each) => (isWorse(each.level, worse.level) ? each : worse), first);
  const { space, level } = worst;
  if (level === 'roomy') return undefined;
  const left = `${volumeText(space)} has ${mebibytes(space.availableBytes)} of ${mebibytes(space.sizeBytes)} left`;
  const cause = holdsWal(view, space) ? `; ${causeOf(view.facts)}` : '';
  // What is not acted on is no more than a warning: on a standby, and for a tablespace.
  const told = view.restraint === 'none' ? 'low' : level;
  return {
    level: told,
    message: `${view.podName}${actText[view.restraint]}: ${left}${cause}; raise ${fieldOf(space)}`,
  };
}

const actText: Readonly<Record<Restraint, string>> = {
  none: '',
  readOnly: ' accepts no writes',
  closed: ' accepts no connections',
};

function holdsWal({ walVolume }: SpaceView, { name }: VolumeSpace): boolean {
  return name === (walVolume ? 'WAL' : 'PGDATA');
}

function volumeText({ name }: VolumeSpace): string {
  if (name === 'PGDATA') return 'the data volume';
  return name === 'WAL' ? 'the WAL volume' : `the volume of tablespace ${name}`;
}

function fieldOf({ name }: VolumeSpace): string {
  if (name === 'PGDATA') return 'spec.storage.size';
  return name === 'WAL' ? 'spec.walStorage.size' : `the size in spec.tablespaces of ${name}`;
}
