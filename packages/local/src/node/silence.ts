/**
 * A node that is lost without notice, as behind a broken network: while it is silent it hears nothing of the API server and
 * tells it nothing. What runs on it goes on; who freezes its processes too has the loss of a machine. The annotation
 * `matriarch.dev/silent: "true"` on the Node begins it.
 */
import type { Node } from 'kubernetes-types/core/v1.d.ts';
import type { Stored } from '../runtime/resources.ts';

export const SILENT_ANNOTATION = 'matriarch.dev/silent';

export interface Silence {
  readonly silent: boolean;
  /** Resolves when the node may speak; at once unless it is silent. */
  over(): Promise<void>;
}

export interface SilenceSwitch extends Silence {
  set(silent: boolean): void;
}

export function createSilence(): SilenceSwitch {
  let waiting: PromiseWithResolvers<void> | undefined;
  return {
    get silent() {
      return waiting !== undefined;
    },
    over: () => waiting?.promise ?? Promise.resolve(),
    set: (silent) => {
      if (silent) {
        waiting ??= Promise.withResolvers<void>();
        return;
      }
      waiting?.resolve();
      waiting = undefined;
    },
  };
}

export function isSilent(node: Stored<Node> | undefined): boolean {
  return node?.metadata.annotations?.[SILENT_ANNOTATION] === 'true';
}
