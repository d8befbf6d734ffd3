/** OpenAPI documents, for `kubectl explain` and for clients that check fields themselves. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendText } from '../http/respond.ts';
import type { Core } from '../verbs/core.ts';

export function sendOpenApi(_core: Core, _req: IncomingMessage, res: ServerResponse, _path: string): void {
  sendText(res, 404, '404 page not found\n');
}
