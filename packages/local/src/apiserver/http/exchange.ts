/** One HTTP request on a resource, as the handlers of the verbs get it. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestContext, ResourceInfo, UserInfo } from '../registry/types.ts';
import type { Core } from '../verbs/core.ts';
import type { ResourceAddress } from './address.ts';
import type { WriteParameters } from './options.ts';

export interface Exchange {
  core: Core;
  req: IncomingMessage;
  res: ServerResponse;
  address: ResourceAddress;
  info: ResourceInfo;
  query: URLSearchParams;
  user: UserInfo;
  /** Texts for `Warning` headers, filled while the request is handled. */
  warnings: string[];
  /** Aborted when the client goes away or the server closes. */
  signal: AbortSignal;
}

export function contextOf(exchange: Exchange, parameters: WriteParameters): RequestContext {
  const { warnings } = exchange;
  return {
    user: exchange.user,
    fieldManager: parameters.fieldManager,
    fieldValidation: parameters.fieldValidation,
    dryRun: parameters.dryRun,
    now: () => exchange.core.now(),
    warn: (text) => {
      if (!warnings.includes(text)) warnings.push(text);
    },
    signal: exchange.signal,
  };
}
