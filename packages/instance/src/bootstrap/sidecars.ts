import { request } from 'node:http';

/** Istio's and Linkerd's proxies end when asked so; without it they would keep the pod of a finished Job alive. */
const endpoints = [
  { port: 15_000, path: '/quitquitquit' },
  { port: 4191, path: '/shutdown' },
];

const timeoutMs = 500;

/** Asks service mesh proxies beside us to end. Usually there are none, so that failures mean nothing. */
export async function quitSidecars(): Promise<void> {
  await Promise.all(endpoints.map(ask));
}

function ask({ port, path }: { port: number; path: string }): Promise<void> {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path, method: 'POST', timeout: timeoutMs }, (response) => {
      response.resume();
      resolve();
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve());
    asked.end();
  });
}
