import { cuts } from './kinds/cut.ts';
import { deletions } from './kinds/delete.ts';
import { freezes } from './kinds/freeze.ts';
import { kills } from './kinds/kill.ts';
import type { FaultKind } from './kinds/kind.ts';
import { restarts } from './kinds/restart.ts';
import { type Network, openNetwork } from './network.ts';

/** What can be done on this machine, and in a sentence each what cannot. */
export interface Catalogue {
  readonly kinds: readonly FaultKind[];
  readonly network: Network | undefined;
  readonly leftOut: readonly string[];
}

export function openCatalogue(): Catalogue {
  const always = [...kills, ...freezes, ...deletions, ...restarts];
  const answer = openNetwork();
  if (answer.kind === 'allowed') return { kinds: [...always, ...cuts], network: answer.network, leftOut: [] };
  return { kinds: always, network: undefined, leftOut: [`no connections are cut: ${answer.reason}`] };
}
