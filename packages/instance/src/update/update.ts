/**
 * `PUT /update`: another version of the instance manager, while PostgreSQL goes on.
 *
 *   idle --PUT--> receiving --hash is the offered one--> installing --it starts here--> replacing --execve--> new manager
 *     ^              |                                       |
 *     +---- refused -+---------------------------------------+
 *
 * Until `replacing` everything works as before, and a failure leaves nothing but a folder to be removed (install.ts).
 * In `replacing` (replace.ts) the loops and the worker end, PostgreSQL does not, and the lease is kept. The caller gets no
 * answer then: the connection ends with the program. A crash in `replacing`, and a new manager that cannot start, end
 * the container; its next start is an ordinary one of the new version, with crash recovery of PostgreSQL.
 */
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { goArch } from '@matriarch/api';
import { type Answer, type Handler, type RouteRequest, text } from '../http/router.ts';
import type { Instance } from '../instance.ts';
import { errorText } from '../logger.ts';
import { refuseProgram, refuseUpdate, type UpdateView } from './decide.ts';
import { installProgram, versionsFolder } from './install.ts';
import { receiveProgram } from './receive.ts';

export interface Updater {
  readonly route: Handler;
  /** Resolves when another version is installed and this one should give way. */
  readonly installed: Promise<void>;
}

export interface UpdaterOptions {
  readonly instance: Instance;
  /** Folder and hash of the program that runs. */
  readonly folder: string | undefined;
  readonly hash: string;
  readonly workerBusy: () => boolean;
}

/** A connection on which nothing comes for so long is given up. */
const silenceMs = 20_000;

/** The Cluster with the hash that is offered may reach us a moment after the program. */
const offerMs = 5000;
const offerLookMs = 50;

export function createUpdater(options: UpdaterOptions): Updater {
  const { instance } = options;
  const installed = Promise.withResolvers<void>();
  return {
    installed: installed.promise,
    async route(request) {
      const refused = refuseUpdate(viewOf(options, request.method, 'request'));
      if (refused !== undefined) return refused;
      instance.state.update({ upgrading: true });
      const answer = await receiveAndInstall(options, request).catch((error: unknown) => text(500, errorText(error)));
      if (answer === undefined) {
        installed.resolve();
        return undefined;
      }
      instance.state.update({ upgrading: false });
      instance.logger.error({ error: answer.body }, 'The instance manager was not updated');
      return answer;
    },
  };
}

function viewOf(
  { instance, folder, workerBusy }: UpdaterOptions,
  method: string,
  stage: UpdateView['stage'],
): UpdateView {
  const { currentPrimary, targetPrimary } = instance.cluster.current()?.status ?? {};
  return {
    stage,
    method,
    folder,
    platform: process.platform,
    state: instance.state.current,
    lifecycle: instance.lifecycle.state,
    inTransition: currentPrimary !== targetPrimary,
    workerBusy: workerBusy(),
  };
}

/** Undefined = the new version is installed. */
async function receiveAndInstall(options: UpdaterOptions, request: RouteRequest): Promise<Answer | undefined> {
  const { instance, hash } = options;
  const { layout } = instance.options;
  const { raw } = request;
  raw.setTimeout(silenceMs, () => raw.destroy(new Error(`nothing was received for ${silenceMs} ms`)));
  const program = await receiveProgram(raw, versionsFolder(layout));
  raw.setTimeout(0);
  const reason = await refusalOf(instance, program.hash, hash);
  const refused = reason === undefined ? refuseUpdate(viewOf(options, request.method, 'received')) : text(500, reason);
  if (refused !== undefined) {
    await rm(program.folder, { recursive: true, force: true });
    return refused;
  }
  await installProgram(program, layout);
  instance.logger.info({ from: hash, to: program.hash }, 'Another version of the instance manager is installed');
  return undefined;
}

async function refusalOf(instance: Instance, hash: string, running: string): Promise<string | undefined> {
  const end = performance.now() + offerMs;
  for (;;) {
    const refusal = refuseProgram(hash, running, goArch(process.arch), instance.cluster.current());
    if (refusal === undefined || hash === running || performance.now() > end) return refusal;
    await sleep(offerLookMs);
  }
}
