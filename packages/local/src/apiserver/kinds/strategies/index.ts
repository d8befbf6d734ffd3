/** The strategies of the built-in kinds that have more to do than the common steps. */
import type { KindParts } from '../resource.ts';
import type { AddressRules } from '../validation/network.ts';
import { eventKinds } from './events.ts';
import { miscKinds } from './misc.ts';
import { podKind } from './pod.ts';
import { type EscalationGuard, rbacKinds } from './rbac.ts';
import { serviceStrategy } from './service.ts';
import { storageKinds } from './storage.ts';
import { workloadKinds } from './workloads.ts';

/** What strategies need to know of the rest of the server. */
export interface KindServices {
  /** Absent: whoever may write a role may grant anything. */
  escalationGuard?: EscalationGuard;
  /** Absent: the usual ones. */
  addressRules?: AddressRules;
}

/** By group and plural name. */
export function kindParts(services: KindServices): { readonly [resource: string]: KindParts } {
  return {
    ...workloadKinds,
    ...storageKinds,
    ...eventKinds,
    ...miscKinds(services.addressRules ?? { loopbackAllowed: false }),
    ...rbacKinds(services.escalationGuard),
    '/pods': podKind,
    '/services': { strategy: serviceStrategy },
  };
}
