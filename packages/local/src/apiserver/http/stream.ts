/** GET with `watch=1`: one JSON text per line until the time is up, the client goes away or the server closes. */

import { groupVersion } from '../decode/body.ts';
import { ApiError } from '../registry/errors.ts';
import type { ApiObject, JsonObject } from '../registry/types.ts';
import { includeObject, metadataOnly, renderTable } from '../table/table.ts';
import { servedJson, view } from '../verbs/core.ts';
import { type WatchEvent, watchObjects } from '../verbs/watch.ts';
import type { Exchange } from './exchange.ts';
import { negotiate, type Representation } from './negotiate.ts';
import { checkVersion, listOptions, watchParameters } from './options.ts';

/** Between bookmarks of a watch that has no end in sight. */
const BOOKMARK_MS = 60_000;
/** Before the end of a watch that has one. */
const LAST_BOOKMARK_MS = 2_000;
/** Without timeoutSeconds a watch ends by itself some time after half an hour, so that no client leans on one for ever. */
const DEFAULT_SECONDS = 1800;

export function watchList(exchange: Exchange): void {
  const { core, address, info, query, req, res } = exchange;
  const form = negotiate(req.headers.accept, true);
  const options = listOptions(query, info);
  const { timeoutSeconds, bookmarks } = watchParameters(query);
  checkVersion(options.resourceVersion);
  if (address.name !== undefined) {
    options.fields = [...options.fields, { field: 'metadata.name', equal: true, value: address.name }];
  }
  const encode = encoder(exchange, form);
  res.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  res.flushHeaders();
  const stops: (() => void)[] = [];
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    for (const stop of stops) stop();
    res.end();
  };
  const send = (line: string): void => {
    if (!ended) res.write(`${line}\n`);
  };
  stops.push(
    watchObjects(core, info, address.namespace, options, {
      event: (event) => send(encode(event)),
      gone: (error) => {
        const status = error instanceof ApiError ? error.toStatus() : { message: error.message };
        send(JSON.stringify({ type: 'ERROR', object: status }));
        setImmediate(end);
      },
    }),
  );
  const seconds = timeoutSeconds ?? DEFAULT_SECONDS + Math.floor(Math.random() * DEFAULT_SECONDS);
  stops.push(after(seconds * 1000, end));
  if (bookmarks) stops.push(...bookmarkTimers(seconds * 1000, () => send(bookmark(exchange, form))));
  stops.push(endWithKind(exchange, end));
  exchange.signal.addEventListener('abort', end, { once: true });
}

function after(ms: number, action: () => void): () => void {
  const timer = setTimeout(action, Math.min(ms, 2 ** 31 - 1));
  return () => clearTimeout(timer);
}

function bookmarkTimers(totalMs: number, action: () => void): (() => void)[] {
  const regular = setInterval(action, BOOKMARK_MS);
  const last = totalMs > LAST_BOOKMARK_MS ? [after(totalMs - LAST_BOOKMARK_MS, action)] : [];
  return [() => clearInterval(regular), ...last];
}

/** A watch on a resource ends when its definition goes or changes. */
function endWithKind({ core, info }: Exchange, end: () => void): () => void {
  return core.registry.onChange(() => {
    if (core.registry.find(info.group, info.version, info.resource) !== info) end();
  });
}

function encoder(exchange: Exchange, form: Representation): (event: WatchEvent) => string {
  const { info, core, query } = exchange;
  if (form.as === 'none') return ({ type, entry }) => `{"type":"${type}","object":${servedJson(info, entry)}}`;
  const include = includeObject(query);
  let first = true;
  return ({ type, entry }) => {
    const object = view(info, entry);
    if (form.as !== 'Table') return JSON.stringify({ type, object: metadataOnly(object, form.asVersion) });
    const definitions = first;
    first = false;
    const metadata = { resourceVersion: String(entry.version) };
    const now = core.now();
    const table = renderTable({
      info,
      objects: [object],
      metadata,
      version: form.asVersion,
      include,
      now,
      definitions,
    });
    return JSON.stringify({ type, object: table });
  };
}

function bookmark({ info, core, query }: Exchange, form: Representation): string {
  const resourceVersion = String(core.store.version());
  const object: ApiObject = {
    kind: info.kind,
    apiVersion: groupVersion(info.group, info.version),
    metadata: { resourceVersion, ...(info.custom === true ? {} : { creationTimestamp: null }) },
  };
  if (form.as === 'none') return JSON.stringify({ type: 'BOOKMARK', object });
  if (form.as !== 'Table') return JSON.stringify({ type: 'BOOKMARK', object: metadataOnly(object, form.asVersion) });
  const metadata: JsonObject = { resourceVersion };
  const table = renderTable({
    info,
    objects: [object],
    metadata,
    version: form.asVersion,
    include: includeObject(query),
    now: core.now(),
    definitions: false,
  });
  return JSON.stringify({ type: 'BOOKMARK', object: table });
}
