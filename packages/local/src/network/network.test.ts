import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Endpoints, Service } from 'kubernetes-types/core/v1.d.ts';
import { stored } from '../testing/objects.ts';
import { startListener } from './listener.ts';
import { hostsText, routesOf } from './routes.ts';

const service = stored<Service>('db', {
  spec: {
    clusterIP: '127.96.0.9',
    ports: [
      { name: 'pg', port: 5432, nodePort: 30_001 },
      { name: 'http', port: 80 },
    ],
  },
});
const endpoints = stored<Endpoints>('db', {
  subsets: [
    {
      addresses: [{ ip: '127.16.0.2' }],
      notReadyAddresses: [{ ip: '127.16.0.3' }],
      ports: [{ name: 'pg', port: 6432 }],
    },
  ],
});

test('cluster addresses and node ports lead to ready endpoints only', () => {
  const routes = routesOf({ services: [service], endpoints: () => endpoints, nodeIPs: ['127.16.0.1'] });
  const targets = [{ ip: '127.16.0.2', port: 6432 }];
  assert.deepEqual(routes, [
    { ip: '127.96.0.9', port: 5432, targets, owner: 'default/db' },
    { ip: '127.16.0.1', port: 30_001, targets, owner: 'default/db' },
    { ip: '127.96.0.9', port: 80, targets: [], owner: 'default/db' },
  ]);
});

test('the hosts file has the address of a Service, or those of its pods', () => {
  const headless = stored<Service>('h', { spec: { clusterIP: 'None' } });
  const text = hostsText({ services: [service, headless], endpoints: () => endpoints });
  assert.equal(
    text,
    '127.16.0.2 h.default.svc.cluster.local h.default.svc h.default\n127.96.0.9 db.default.svc.cluster.local db.default.svc db.default\n',
  );
});

async function echoServer(t: TestContext, greeting: string): Promise<{ ip: string; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(greeting);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { ip: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function greeting(port: number) {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const [data] = (await once(socket, 'data')) as [Buffer];
  return { socket, text: data.toString() };
}

test('connections are passed on, and stay when their endpoint leaves the Service', async (t) => {
  const [one, two] = [await echoServer(t, 'one'), await echoServer(t, 'two')];
  const route = { ip: '127.0.0.1', port: await freePort(), targets: [one], owner: 'default/db' };
  const listener = startListener(route);
  t.after(() => listener.close());
  await listener.ready;
  const first = await greeting(route.port);
  assert.equal(first.text, 'one');
  listener.update([two]);
  const second = await greeting(route.port);
  assert.equal(second.text, 'two');
  const echoed = once(first.socket, 'data');
  first.socket.write('still there');
  assert.equal(String((await echoed)[0]), 'still there');
  const closed = new Promise((resolve) => first.socket.once('close', resolve));
  listener.close();
  await closed;
  second.socket.destroy();
});

test('an endpoint that refuses is passed over', async (t) => {
  const one = await echoServer(t, 'one');
  const dead = { ip: '127.0.0.1', port: await freePort() };
  const route = { ip: '127.0.0.1', port: await freePort(), targets: [dead, one], owner: 'default/db' };
  const listener = startListener(route);
  t.after(() => listener.close());
  await listener.ready;
  for (let round = 0; round < 3; round++) {
    const { socket, text } = await greeting(route.port);
    assert.equal(text, 'one');
    socket.destroy();
  }
});
