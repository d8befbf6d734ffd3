import type { Cluster } from '@matriarch/api';
import { type Answer, text } from '../http/router.ts';
import type { LifecycleState } from '../postmaster/lifecycle.ts';
import type { ManagerState } from '../state.ts';

/** What there is to know before an update begins. */
export interface UpdateView {
  /** The same is looked at again when the program is there, which may take a while. */
  readonly stage: 'request' | 'received';
  readonly method: string;
  /** Where the running program lies; undefined when it is not a bundle. */
  readonly folder: string | undefined;
  readonly platform: string;
  readonly state: ManagerState;
  readonly lifecycle: LifecycleState;
  /** The primary of the cluster is being changed. */
  readonly inTransition: boolean;
  /** The worker works for somebody who waits for the end: a backup, say. */
  readonly workerBusy: boolean;
}

/**
 * Why no update may begin now; undefined = it may. 503 means that the operator should ask again soon: what is under way
 * would be lost, or its end could not be seen by the next manager.
 */
export function refuseUpdate(view: UpdateView): Answer | undefined {
  const { state, lifecycle } = view;
  if (view.method !== 'PUT') return text(405, 'the method must be PUT');
  if (state.upgrading && view.stage === 'request') return text(418, 'the instance manager is being updated already');
  if (view.platform !== 'linux') return text(500, 'a process can be replaced in place on Linux only');
  if (view.folder === undefined)
    return text(500, 'this instance manager runs from its sources: there is nothing to replace');
  if (view.inTransition) return text(503, 'another instance becomes the primary');
  if (state.rewinding) return text(503, 'the data directory is being made a standby again');
  if (view.workerBusy)
    return text(503, 'a backup is being taken, or WAL is being put away: the update waits for its end');
  if (state.restarting || lifecycle === 'starting' || lifecycle === 'stopping') {
    return text(503, 'PostgreSQL is being started or stopped');
  }
  if (lifecycle === 'down' && !state.fenced) return text(503, 'PostgreSQL does not run yet');
  return undefined;
}

/** Why the received program is not the one that this instance should run; undefined = it is. */
export function refuseProgram(
  hash: string,
  running: string,
  arch: string,
  cluster: Cluster | undefined,
): string | undefined {
  if (hash === running) return `this instance manager is the one with the hash ${hash} already`;
  const offered = cluster?.status?.availableArchitectures?.find(({ goArch }) => goArch === arch)?.hash;
  if (offered === undefined)
    return `status.availableArchitectures of the Cluster names no instance manager for ${arch}`;
  if (offered === hash) return undefined;
  return `the hash of the received instance manager is ${hash}, status.availableArchitectures names ${offered} for ${arch}: it was damaged on its way, or another operator sent it`;
}
