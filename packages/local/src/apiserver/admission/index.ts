/** What happens to a write between its permission and the store: the server's own rules, then webhooks. */
import { createLookup } from '../kinds/lookup.ts';
import type { AdmissionRequest, Hooks } from '../registry/hooks.ts';
import type { Core } from '../verbs/core.ts';
import type { AdmissionPlugin } from './plugin.ts';
import { jobDeletion } from './plugins/jobs.ts';
import { namespaceLifecycle } from './plugins/lifecycle.ts';
import { limitRanger } from './plugins/limits.ts';
import { type PodIdentityOptions, podIdentity } from './plugins/pod-identity.ts';
import { defaultTolerations, priority } from './plugins/pods.ts';
import { serviceAccountPlugin } from './plugins/service-account.ts';
import { claimResize, defaultStorageClass, storageProtection } from './plugins/storage.ts';
import { createCaller } from './webhooks/call.ts';
import { runMutating, runValidating, type WebhookParts } from './webhooks/run.ts';

export type { PodIdentityOptions } from './plugins/pod-identity.ts';

export interface AdmissionOptions {
  /** Gives pods the identity of the role that their ServiceAccount names. Absent: off. */
  podIdentity?: PodIdentityOptions;
  applyPatch: Hooks['applyPatch'];
  log?(message: string, details: { [key: string]: unknown }): void;
}

export interface Admission {
  admit: Hooks['admit'];
  /** Ends the connections to webhooks. */
  close(): void;
}

export function createAdmission(core: Pick<Core, 'store' | 'registry'>, options: AdmissionOptions): Admission {
  const lookup = createLookup(core);
  const caller = createCaller(lookup);
  const parts: WebhookParts = {
    lookup,
    caller,
    registry: core.registry,
    applyPatch: options.applyPatch,
    log: options.log ?? (() => {}),
  };
  const plugins: AdmissionPlugin[] = [
    namespaceLifecycle(lookup),
    limitRanger(lookup),
    serviceAccountPlugin(lookup),
    ...(options.podIdentity === undefined ? [] : [podIdentity(lookup, options.podIdentity)]),
    priority(lookup),
    defaultTolerations,
    defaultStorageClass(lookup),
    storageProtection,
    claimResize(lookup),
    jobDeletion,
  ];
  return {
    async admit(stage, request) {
      const concerned = plugins.filter((plugin) => plugin.handles(request));
      if (stage === 'mutating') await mutate(request, concerned, parts);
      else {
        for (const plugin of concerned) plugin.validate?.(request);
        await runValidating(request, parts);
      }
    },
    close: () => caller.close(),
  };
}

/** A webhook may have added what the server's own rules would have treated: these run again after a change. */
async function mutate(
  request: AdmissionRequest,
  plugins: readonly AdmissionPlugin[],
  parts: WebhookParts,
): Promise<void> {
  const runPlugins = (): void => {
    for (const plugin of plugins) plugin.mutate?.(request);
  };
  const refresh = (): void => {
    if (request.object !== undefined) request.info.strategy.setDefaults?.(request.object);
  };
  runPlugins();
  if (plugins.length > 0) refresh();
  if (await runMutating(request, parts, refresh)) runPlugins();
}
