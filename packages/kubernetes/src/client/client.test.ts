import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { WebSocketServer } from 'ws';
import { ApiError, isConflict, isGone, isNotFound } from '../errors.ts';
import { resources } from '../resources.ts';
import { type Client, createClient } from './client.ts';

let client: Client;
let handle: (request: IncomingMessage, response: ServerResponse, body: string) => void;
const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (text: string) => {
    body += text;
  });
  request.on('end', () => handle(request, response, body));
});
const sockets = new WebSocketServer({ server, handleProtocols: () => 'v5.channel.k8s.io' });

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  client = createClient({
    server: `http://127.0.0.1:${port}/prefix`,
    namespace: 'default',
    credentials: () => ({ token: 'secret' }),
  });
});

after(() => {
  client.close();
  sockets.close();
  server.closeAllConnections();
  server.close();
});

test('a get asks the right path with the token and gives the object', async () => {
  handle = (request, response) => {
    assert.equal(request.url, '/prefix/api/v1/namespaces/demo/pods/prod-1');
    assert.equal(request.headers.authorization, 'Bearer secret');
    response.end(JSON.stringify({ metadata: { name: 'prod-1' } }));
  };
  const pod = await client.get(resources.pods, { namespace: 'demo', name: 'prod-1' });
  assert.equal(pod.metadata?.name, 'prod-1');
});

test('a refusal becomes an ApiError with the reason of the Status', async () => {
  handle = (_, response) => {
    response.statusCode = 409;
    response.end(JSON.stringify({ kind: 'Status', message: 'changed', reason: 'Conflict', code: 409 }));
  };
  const error = await client
    .create(resources.pods, { metadata: { name: 'a', namespace: 'b' } })
    .catch((e: unknown) => e);
  assert.ok(error instanceof ApiError);
  assert.equal(error.message, 'changed');
  assert.ok(isConflict(error) && !isNotFound(error));
});

test('a patch goes to the subresource with its own content type', async () => {
  handle = (request, response, body) => {
    assert.equal(request.method, 'PATCH');
    assert.equal(request.url, '/prefix/apis/batch/v1/namespaces/n/jobs/j/status?fieldManager=m&force=true');
    assert.equal(request.headers['content-type'], 'application/apply-patch+yaml');
    response.end(body);
  };
  const patch = { type: 'apply', body: { metadata: { name: 'j' } } } as const;
  const options = { subresource: 'status', fieldManager: 'm', force: true };
  const job = await client.patch(resources.jobs, { namespace: 'n', name: 'j' }, patch, options);
  assert.equal(job.metadata?.name, 'j');
});

test('a watch joins lines cut anywhere, and an ERROR line throws', async () => {
  handle = (request, response) => {
    assert.match(request.url ?? '', /watch=true/);
    const first = JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'ä' } } });
    const error = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' } };
    const bytes = Buffer.from(`${first}\n${JSON.stringify(error)}\n`);
    const cut = bytes.indexOf(0xc3) + 1;
    response.write(bytes.subarray(0, cut));
    setImmediate(() => response.end(bytes.subarray(cut)));
  };
  const names: (string | undefined)[] = [];
  const error = await (async () => {
    for await (const event of client.watch(resources.pods, {})) names.push(event.object.metadata?.name);
  })().catch((e: unknown) => e);
  assert.deepEqual(names, ['ä']);
  assert.ok(isGone(error));
});

test('an aborted watch ends with the reason of the signal', async () => {
  const controller = new AbortController();
  handle = (_, response) => {
    response.write('{"type":"ADDED","object":{"metadata":{"name":"a"}}}\n');
  };
  await assert.rejects(async () => {
    for await (const _ of client.watch(resources.pods, { signal: controller.signal })) controller.abort();
  });
});

test('exec collects both outputs and the exit code', async () => {
  sockets.once('connection', (socket, request) => {
    assert.match(request.url ?? '', /container=postgres.*command=manager&command=backup/);
    socket.send(Buffer.from('\u0001out'));
    socket.send(Buffer.from('\u0002err'));
    const status = { status: 'Failure', details: { causes: [{ reason: 'ExitCode', message: '3' }] } };
    socket.send(Buffer.from(`\u0003${JSON.stringify(status)}`));
    socket.close();
  });
  const options = { container: 'postgres', command: ['manager', 'backup'] };
  const result = await client.exec({ namespace: 'demo', name: 'prod-1' }, options);
  assert.deepEqual(result, { exitCode: 3, stdout: 'out', stderr: 'err' });
});

test('a delete sends its options with their length, and the connection stays usable', async () => {
  const bodies: string[] = [];
  handle = (_, response, body) => {
    bodies.push(body);
    response.end('{}');
  };
  const key = { namespace: 'n', name: 'p' };
  await client.delete(resources.pods, key, { preconditions: { uid: 'u' } });
  await client.delete(resources.pods, key);
  assert.equal(JSON.parse(bodies[0] ?? '').preconditions.uid, 'u');
  assert.equal(bodies.length, 2);
});
