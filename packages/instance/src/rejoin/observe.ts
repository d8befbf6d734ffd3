import type { Cluster } from '@matriarch/api';
import { type ControlData, dataDirectoryVersion } from '@matriarch/postgres';
import type { Instance } from '../instance.ts';
import { freeBytes } from '../postmaster/space.ts';
import type { RejoinView } from './decide.ts';
import { findDivergence } from './divergence.ts';
import { isMarked } from './mark.ts';
import type { NewPrimary } from './source.ts';
import { directoryBytes } from './space.ts';
import { copyVolume } from './swap.ts';
import { findRewind } from './tool.ts';

/** What can be seen before anything is done. */
export async function observeRejoin(
  instance: Instance,
  cluster: Cluster,
  control: ControlData,
  primary: NewPrimary,
): Promise<RejoinView> {
  const { pgData } = instance.options.layout;
  const divergence = await findDivergence({
    pgData,
    timeline: Math.max(control.checkpoint.timeline, control.minRecoveryEndTimeline),
    segmentSize: control.segmentSize,
    checkpoint: control.checkpoint.location,
    newTimeline: primary.timeline,
    history: primary.history,
  });
  const cutOff = await isMarked(pgData);
  const follows = divergence.kind === 'none' && !cutOff;
  return {
    podName: instance.options.podName,
    primary: cluster.status?.currentPrimary ?? '',
    divergence,
    cutOff,
    tool: follows ? { kind: 'missing' } : await findRewind(await dataDirectoryVersion(pgData), instance.environment),
    space: {
      free: await freeBytes(copyVolume(pgData)),
      own: follows ? 0 : await directoryBytes(pgData),
      copy: primary.size,
      tablespaces: (cluster.spec.tablespaces ?? []).length > 0,
    },
    rehearsal: undefined,
    rewindFailure: undefined,
  };
}
