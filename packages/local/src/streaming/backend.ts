/** Streams into pods: what the API server hands to the node. */
import { ApiError } from '../apiserver/registry/errors.ts';
import type { StreamingBackend } from '../apiserver/registry/hooks.ts';
import type { Nodes } from '../node/nodes.ts';
import type { Caches } from '../runtime/cache.ts';
import { ENDPOINTS, PODS, SERVICES } from '../runtime/resources.ts';
import { upgradeExec } from './exec.ts';
import type { StreamingContext } from './find.ts';
import { sendLog } from './logs.ts';
import { upgradePortForward } from './port-forward.ts';
import { type ProxyContext, proxyRequest, proxyUpgrade } from './proxy.ts';

export interface StreamingOptions {
  readonly nodes: Nodes;
  readonly caches: Caches;
  readonly log: (line: string) => void;
}

export function createStreaming({ nodes, caches, log }: StreamingOptions): StreamingBackend {
  const context: StreamingContext = { nodes, pods: caches.of(PODS) };
  const proxy: ProxyContext = { ...context, services: caches.of(SERVICES), endpoints: caches.of(ENDPOINTS) };
  const refuse = (subresource: string) =>
    new ApiError(400, 'BadRequest', `${subresource} needs a connection that is upgraded to WebSocket or SPDY/3.1`);
  return {
    request: async (target, req, res) => {
      if (target.subresource === 'log') await sendLog(context, target, res);
      else if (target.subresource === 'proxy') await proxyRequest(proxy, target, req, res);
      else throw refuse(target.subresource);
    },
    upgrade: async (target, req, socket, head) => {
      if (target.subresource === 'exec' || target.subresource === 'attach')
        await upgradeExec(context, target, req, socket, head, log);
      else if (target.subresource === 'portforward') await upgradePortForward(context, target, req, socket, head, log);
      else if (target.subresource === 'proxy') await proxyUpgrade(proxy, target, req, socket, head);
      else throw refuse(target.subresource);
    },
  };
}
