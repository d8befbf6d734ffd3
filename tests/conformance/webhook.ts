/** The player's webhook server: answers by path as recorded and remembers the calls. */

import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Group, Step, WebhookCall } from './recording.ts';

export interface ReceivedCall {
  path: string;
  request: unknown;
}

export interface WebhookServer {
  url: string;
  /** Calls since the last time this was asked; those of probes are left out. */
  take(): ReceivedCall[];
  /** What the paths answer from now on, beside what the whole group says of them. */
  expect(calls: readonly WebhookCall[]): void;
  close(): Promise<void>;
}

const UNANSWERED_MS = 4000;

export async function startWebhookServer(group: Group, pair: { cert: string; key: string }): Promise<WebhookServer> {
  const usual = new Map(
    allCalls(group.scenarios.flatMap((scenario) => scenario.steps)).map((call) => [call.path, call]),
  );
  let expected: readonly WebhookCall[] = [];
  let received: ReceivedCall[] = [];
  const server = createServer(pair, (req, res) => {
    void readJson(req).then((body) => {
      const path = req.url ?? '/';
      const [name = ''] = path.split('?');
      if (!isProbe(body)) received.push({ path, request: body });
      const call = expected.find((item) => item.path === path) ?? usual.get(path) ?? usual.get(name);
      if (call === undefined || call.response === 'none') {
        setTimeout(() => req.socket.destroy(), UNANSWERED_MS).unref();
        return;
      }
      res.statusCode = call.response.status;
      res.setHeader('content-type', 'application/json');
      res.end(withUid(call.response.body, body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    take() {
      const taken = received;
      received = [];
      return taken;
    },
    expect(calls) {
      expected = calls;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function allCalls(steps: readonly Step[]): WebhookCall[] {
  return steps.flatMap((step) => [...(step.webhookCalls ?? []), ...allCalls(step.during ?? [])]);
}

async function readJson(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
}

interface Review {
  request?: { uid?: string; dryRun?: boolean; object?: { metadata?: { labels?: { probe?: string } } } };
}

function isProbe(body: unknown): boolean {
  const { request } = body as Review;
  return request?.dryRun === true && request.object?.metadata?.labels?.probe === 'yes';
}

function withUid(body: unknown, request: unknown): string {
  if (typeof body === 'string') return body;
  const uid = (request as Review).request?.uid;
  const review = body as { response?: { uid?: string } };
  const recorded = review.response?.uid;
  // An answer that was recorded with another uid on purpose keeps it.
  if (review.response === undefined || (recorded !== undefined && recorded !== '<uid>')) return JSON.stringify(body);
  return JSON.stringify({ ...review, response: { ...review.response, uid } });
}
