/** The API server with all its parts plugged in, as `local` and the tests run it. */

import { type Admission, createAdmission, type PodIdentityOptions } from './admission/index.ts';
import { type Auth, createAuth, defaultBindings, defaultRoles } from './auth/index.ts';
import { createApiClient } from './client.ts';
import { customResourceDefinitions, emptyDefinition, startCustomResources } from './customresources/index.ts';
import { serverSideApply, strictDecodingErrors, trackUpdate } from './fields/index.ts';
import { builtinResources, emptyObject } from './kinds/index.ts';
import { createAllocator } from './kinds/network/allocator.ts';
import { withSubresources } from './kinds/subresources/index.ts';
import { withoutNode } from './kinds/subresources/without-node.ts';
import { createSystemObjects } from './kinds/system.ts';
import { applyPatch } from './patch/index.ts';
import { bareHooks } from './registry/defaults.ts';
import { invalid } from './registry/errors.ts';
import type { Hooks } from './registry/hooks.ts';
import type { ResourceInfo, UserInfo } from './registry/types.ts';
import { type ApiServer, createApiServer } from './server.ts';
import type { Core } from './verbs/core.ts';
import { withFinalize } from './verbs/finalize.ts';

export interface StartOptions {
  /** Folder for the database, certificates and keys; absent: everything in memory. */
  stateFolder?: string;
  /** Addresses of Services, e.g. `10.96.0.0/16`. */
  serviceCidr: string;
  /** Endpoints may name addresses of 127.0.0.0/8, where the pods of an embedded node live. */
  loopbackAllowed?: boolean;
  /** Pods whose ServiceAccount names a role of a cloud account get its identity. Absent: off. */
  podIdentity?: PodIdentityOptions;
  /** Makes its bearer a superuser. Absent: there is no such token. */
  adminToken?: string;
  names?: readonly string[];
  now?: () => Date;
  log?: (message: string, details: { [key: string]: unknown }) => void;
}

/** The server's own identity, for what it makes itself. */
export const SERVER_USER: UserInfo = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };

export async function startApiServer(options: StartOptions): Promise<ApiServer> {
  const parts = new Map<Core, { auth: Auth; admission: Admission }>();
  const server = await createApiServer({
    ...options,
    hooks(core) {
      const auth = createAuth(core, { ...options, trackUpdate });
      const admission = createAdmission(core, { ...options, applyPatch });
      parts.set(core, { auth, admission });
      return plugIn(core, options, auth, admission);
    },
    resources: (core) => [...builtins(core, options, parts.get(core)?.auth), customResourceDefinitions()],
  });
  server.setStreaming(withoutNode);
  await createSystemObjects(server.client(SERVER_USER, 'kube-apiserver'), [...defaultRoles, ...defaultBindings]);
  return withCustomResources(server, options, () => parts.get(server.core)?.admission.close());
}

function builtins(core: Core, options: StartOptions, auth: Auth | undefined): ResourceInfo[] {
  const addressRules = { loopbackAllowed: options.loopbackAllowed ?? false };
  if (auth === undefined) throw new Error('the resources were asked for before the hooks');
  const { escalationGuard, resources, tokenSubresource: token } = auth;
  const client = () => createApiClient(core, SERVER_USER, 'kube-apiserver');
  const kinds = withSubresources(builtinResources({ addressRules, escalationGuard }), { core, client, token });
  return [...kinds.map(withFinalize), ...resources];
}

function plugIn(core: Core, { serviceCidr }: StartOptions, auth: Auth, admission: Admission): Hooks {
  const allocator = createAllocator({
    serviceCidr,
    services: () => core.store.list('/services', '').map((entry) => entry.object),
    random: (limit) => Math.floor(Math.random() * limit),
  });
  return {
    ...bareHooks,
    applyPatch,
    serverSideApply,
    trackUpdate,
    strictDecodingErrors,
    emptyObject: (info) => (info.group === DEFINITIONS ? emptyDefinition() : emptyObject(info)),
    authenticate: auth.authenticate,
    impersonate: auth.impersonate,
    authorize: auth.authorize,
    document: auth.document,
    admit: admission.admit,
    beforeStore({ info, object }) {
      if (info.group !== '' || info.resource !== 'services') return;
      const errors = allocator.allocate(object);
      if (errors.length > 0) throw invalid('', info.kind, object.metadata.name ?? '', errors);
    },
  };
}

const DEFINITIONS = 'apiextensions.k8s.io';

/** Serves the resources of definitions, from those that are stored already on. */
async function withCustomResources(server: ApiServer, options: StartOptions, closed: () => void): Promise<ApiServer> {
  const { registry } = server.core;
  const custom = startCustomResources({
    client: server.client(SERVER_USER, 'kube-apiserver'),
    registry,
    now: () => server.core.now(),
    failed: (error, definition) => options.log?.('CustomResourceDefinition not in effect', { definition, error }),
  });
  await custom.settled();
  return {
    ...server,
    async close() {
      await custom.close();
      await server.close();
      closed();
    },
  };
}
