import { type Handler, text } from '../http/router.ts';
import type { Instance } from '../instance.ts';
import type { Identity } from '../status/collect.ts';

/** Parts that work beside the main loop. */
export interface Parts {
  readonly operatorRoutes: Readonly<Record<string, Handler>>;
  readonly startBackup: Handler;
  readonly archiveCondition: Handler;
  stop(): Promise<void>;
}

export function startParts(_instance: Instance, _identity: Identity, _signal: AbortSignal): Parts {
  return {
    operatorRoutes: {},
    startBackup: () => text(409, 'no backup is configured'),
    archiveCondition: () => text(200, 'OK'),
    stop: async () => undefined,
  };
}
