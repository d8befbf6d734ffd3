import type { Action } from '../actions.ts';
import { certificates } from './certificates.ts';
import type { ActContext } from './context.ts';
import { credentials } from './credentials.ts';
import { managers } from './managers.ts';
import { act as actOnObjects } from './objects.ts';

type Handlers = { [K in Action['kind']]: (context: ActContext, action: Extract<Action, { kind: K }>) => Promise<void> };

const handlers: Handlers = { ...actOnObjects, ...certificates, ...credentials, ...managers };

/** Carries out the actions in order. The first that fails ends it: the next pass decides anew. */
export async function execute(context: ActContext, actions: readonly Action[]): Promise<void> {
  for (const action of actions) {
    context.signal.throwIfAborted();
    await perform(context, action);
  }
}

function perform<K extends Action['kind']>(context: ActContext, action: Extract<Action, { kind: K }>): Promise<void> {
  const kind: K = action.kind as K;
  return handlers[kind](context, action);
}

export type { ActContext };
