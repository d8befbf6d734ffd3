/** Keeps a listener for each port of each Service, and the hosts file. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type Api, messageOf } from '../runtime/api.ts';
import type { Caches } from '../runtime/cache.ts';
import { createRecorder, subjectOf } from '../runtime/events.ts';
import { ENDPOINTS, keyOf, SERVICES } from '../runtime/resources.ts';
import type { Clock } from '../runtime/time.ts';
import { type Listener, startListener } from './listener.ts';
import { hostsText, type Route, routeId, routesOf } from './routes.ts';

export interface NetworkOptions {
  readonly caches: Caches;
  readonly hostsFile: string;
  readonly nodeIPs: readonly string[];
  readonly api: Api;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

const RETRY_MS = 1000;

export function startNetwork(options: NetworkOptions): { stop(): void } {
  const { caches, log } = options;
  const services = caches.of(SERVICES);
  const endpoints = caches.of(ENDPOINTS);
  const listeners = new Map<string, Listener>();
  const told = new Set<string>();
  /** Addresses that only root may listen on. */
  const refused = new Set<string>();
  const events = createRecorder({ ...options, api: options.api.as('kube-proxy'), component: 'kube-proxy' });
  let planned = false;
  let stopped = false;
  let hosts = currentHosts(options.hostsFile);

  const say = (id: string, line: string) => {
    if (!told.has(id)) log(line);
    told.add(id);
  };
  const refuse = (route: Route) => {
    refused.add(routeId(route));
    const service = services.list().find(({ metadata }) => `${metadata.namespace}/${metadata.name}` === route.owner);
    const message = `nothing listens on ${routeId(route)}: ports of the system need root; use one from 1024 on`;
    if (service) events.record(subjectOf(service, 'v1', 'Service'), 'Warning', 'PortNotAllowed', message);
  };
  const open = (route: Route) => {
    const id = routeId(route);
    const listener = startListener(route);
    listeners.set(id, listener);
    listener.ready.then(
      () => told.delete(id),
      (error: unknown) => {
        if (listeners.get(id) === listener) listeners.delete(id);
        if ((error as NodeJS.ErrnoException).code === 'EACCES') return refuse(route);
        say(id, `service ${route.owner} cannot listen on ${id}, trying again: ${messageOf(error)}`);
        setTimeout(plan, RETRY_MS).unref();
      },
    );
  };
  const apply = () => {
    planned = false;
    if (stopped) return;
    const input = {
      services: services.list(),
      endpoints: (service: { metadata: { name: string; namespace?: string } }) => endpoints.get(keyOf(service)),
      nodeIPs: options.nodeIPs,
    };
    const wanted = new Map<string, Route>();
    for (const route of routesOf(input)) if (!refused.has(routeId(route))) wanted.set(routeId(route), route);
    for (const [id, listener] of listeners) {
      if (wanted.has(id)) continue;
      listener.close();
      listeners.delete(id);
    }
    for (const [id, route] of wanted) {
      const known = listeners.get(id);
      if (known) known.update(route.targets);
      else open(route);
    }
    const text = hostsText(input);
    if (text === hosts) return;
    try {
      writeHosts(options.hostsFile, text);
      hosts = text;
      told.delete(options.hostsFile);
    } catch (error) {
      say(options.hostsFile, `${options.hostsFile} cannot be written, trying again: ${messageOf(error)}`);
      setTimeout(plan, RETRY_MS).unref();
    }
  };
  const plan = () => {
    if (planned || stopped) return;
    planned = true;
    // In the same turn: whoever sees the new endpoints must not meet the old ones any more.
    queueMicrotask(apply);
  };
  services.onChange(plan);
  endpoints.onChange(plan);
  plan();
  return {
    stop: () => {
      stopped = true;
      for (const listener of listeners.values()) listener.close();
      listeners.clear();
    },
  };
}

function currentHosts(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Readers see the old file or the new one. It can be made again at any time, so it need not be durable. */
function writeHosts(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o644 });
  renameSync(`${path}.new`, path);
}
