import type { ServerResponse } from 'node:http';
import { sendText } from '../http/respond.ts';

/** We answer at all: so the store is open and every part started. */
const CHECKS = ['ping', 'log', 'etcd'];

/** `/healthz`, `/livez` and `/readyz`, as a whole, with `?verbose`, or for one check. */
export function sendHealth(res: ServerResponse, path: string, verbose: boolean): void {
  const [, endpoint = '', check, more] = path.split('/');
  if (!['healthz', 'livez', 'readyz'].includes(endpoint) || more !== undefined) {
    sendText(res, 404, '404 page not found\n');
  } else if (check !== undefined) {
    if (CHECKS.includes(check)) sendText(res, 200, 'ok');
    else sendText(res, 404, '404 page not found\n');
  } else if (verbose) {
    sendText(res, 200, `${CHECKS.map((name) => `[+]${name} ok`).join('\n')}\n${endpoint} check passed\n`);
  } else {
    sendText(res, 200, 'ok');
  }
}
