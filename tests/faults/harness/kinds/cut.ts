/** Connections cut for a time that is bounded: packets are lost, and nobody is told. */
import { type Cut, clientParty, networkParty, type Party, podParty, proxyParty, serverParty } from '../cut-rules.ts';
import type { Network } from '../network.ts';
import { standbysOf } from '../view.ts';
import type { World } from '../world.ts';
import { type FaultKind, hold, type Length, type Stage, secondsOf } from './kind.ts';
import { instanceOf } from './roles.ts';

/** Everybody who takes part, as one end of a cut. */
interface Parties {
  instance(name: string): Party;
  readonly operator: Party;
  readonly apiServer: Party;
  /** Addresses of Services. */
  readonly services: Party;
  /** What the Service network opens to PostgreSQL. */
  readonly proxy: Party;
  /** The writing clients. */
  readonly clients: Party;
}

/** Puts processes that are new into their classes; called again and again while a cut is held. */
function classify(world: World, network: Network): void {
  const byPod = new Map<string, number[]>();
  for (const { pod, pid } of world.processes()) byPod.set(pod, [...(byPod.get(pod) ?? []), pid]);
  for (const [pod, pids] of byPod) network.classes.add(pod, pids);
  network.classes.add('proxy', [world.matriarch.process.pid ?? 0]);
  network.classes.add('clients', [process.pid]);
}

function partiesOf(world: World, { classes }: Network): Parties {
  const { operator } = world.view();
  const server = new URL(world.client.config.server);
  const [octet] = /127\.\d+/.exec(world.write().host) ?? [];
  return {
    instance: (name) => podParty(name, classes.idOf(name), world.instance(name).ip),
    operator: podParty('operator', classes.idOf(operator?.name ?? 'operator'), operator?.ip ?? ''),
    apiServer: serverParty('API server', server.hostname, Number(server.port)),
    services: networkParty('Services', `${octet}.0.0/17`),
    proxy: proxyParty('Service network', classes.idOf('proxy')),
    clients: clientParty('clients', classes.idOf('clients')),
  };
}

interface Plan {
  readonly what: string;
  readonly length: Length;
  readonly primary: FaultKind['primary'];
  /** Whose packets are lost where only one side's are: those that the left party sends. */
  readonly lost?: Cut['lost'];
  /** Pairs that are parted, and who it is about. */
  pairs(
    parties: Parties,
    stage: Stage,
  ): { readonly about: string; readonly pairs: readonly (readonly [Party, Party])[] };
}

function cut({ what, length, primary, lost = 'both', pairs }: Plan): FaultKind {
  return {
    name: `${what} cut for ${length === 'short' ? 'less' : 'longer'} than the lease`,
    group: 'cut',
    primary,
    async inject(stage) {
      const { world, network, random, note } = stage;
      if (network === undefined) throw new Error('connections cannot be cut on this machine');
      const seconds = secondsOf(random, length);
      const planned = pairs(partiesOf(world, network), stage);
      note(`${planned.about}, ${seconds} s`);
      classify(world, network);
      network.cut(planned.pairs.map(([left, right]) => ({ left, right, lost })));
      await hold(
        seconds,
        () => network.heal(),
        () => classify(world, network),
      );
    },
  };
}

const primaryOf = (stage: Stage) => stage.world.view().currentPrimary;
const standbyNames = (stage: Stage) => standbysOf(stage.world.view()).map(({ name }) => name);

/** Everything but the kubelet of its own node, which is a process on the same machine. */
function isolation(parties: Parties, stage: Stage, name: string): (readonly [Party, Party])[] {
  const others = stage.world.view().instances.filter((one) => one.name !== name);
  const peers = others.map((one) => parties.instance(one.name));
  const rest = [parties.operator, parties.apiServer, parties.services, parties.proxy];
  return [...peers, ...rest].map((other) => [parties.instance(name), other] as const);
}

function isolate(role: 'primary' | 'standby', length: Length, lost: Cut['lost'] = 'both'): FaultKind {
  return cut({
    what: `${role === 'primary' ? 'the primary' : 'a standby'} and everybody else${lost === 'both' ? '' : ' in one direction'}`,
    length,
    primary: role === 'primary' && length === 'long' ? 'may move' : 'stays',
    lost,
    pairs(parties, stage) {
      const name = instanceOf(stage.world, stage.random, role);
      return { about: name, pairs: isolation(parties, stage, name) };
    },
  });
}

export const cuts: readonly FaultKind[] = [
  isolate('primary', 'short'),
  isolate('primary', 'long'),
  isolate('primary', 'long', 'sent by left'),
  isolate('standby', 'long'),
  cut({
    what: 'the primary and one standby',
    length: 'long',
    primary: 'stays',
    pairs(parties, stage) {
      const [primary, standby] = [primaryOf(stage), instanceOf(stage.world, stage.random, 'standby')];
      const one = parties.instance(standby);
      // It reaches the primary through the Services too.
      const pairs = [[one, parties.instance(primary)] as const, [one, parties.services] as const];
      return { about: `${primary} | ${standby}`, pairs };
    },
  }),
  cut({
    what: 'the primary and all other instances and the operator',
    length: 'long',
    primary: 'may move',
    pairs(parties, stage) {
      const primary = parties.instance(primaryOf(stage));
      const peers = standbyNames(stage).map((name) => parties.instance(name));
      const direct = [...peers, parties.operator].map((other) => [primary, other] as const);
      return { about: primaryOf(stage), pairs: [...direct, ...peers.map((peer) => [peer, parties.services] as const)] };
    },
  }),
  cut({
    what: 'the two standbys',
    length: 'short',
    primary: 'stays',
    pairs(parties, stage) {
      const [one = '', other = ''] = standbyNames(stage);
      return { about: `${one} | ${other}`, pairs: [[parties.instance(one), parties.instance(other)]] };
    },
  }),
  cut({
    what: 'the primary and the API server',
    length: 'long',
    primary: 'stays',
    pairs: (parties, stage) => ({
      about: primaryOf(stage),
      pairs: [[parties.instance(primaryOf(stage)), parties.apiServer]],
    }),
  }),
  cut({
    what: 'a standby and the API server',
    length: 'long',
    primary: 'stays',
    pairs(parties, stage) {
      const name = instanceOf(stage.world, stage.random, 'standby');
      return { about: name, pairs: [[parties.instance(name), parties.apiServer]] };
    },
  }),
  cut({
    what: 'the primary and the operator',
    length: 'long',
    primary: 'stays',
    pairs: (parties, stage) => ({
      about: primaryOf(stage),
      pairs: [[parties.instance(primaryOf(stage)), parties.operator]],
    }),
  }),
  cut({
    what: 'the operator and the API server',
    length: 'long',
    primary: 'stays',
    pairs: (parties) => ({ about: 'operator', pairs: [[parties.operator, parties.apiServer]] }),
  }),
  cut({
    what: 'the API server and all instances and the operator',
    length: 'long',
    primary: 'stays',
    pairs(parties, stage) {
      const everybody = stage.world.view().instances.map(({ name }) => parties.instance(name));
      const pairs = [...everybody, parties.operator].map((one) => [one, parties.apiServer] as const);
      return { about: 'API server', pairs };
    },
  }),
  cut({
    what: 'the clients and the write Service',
    length: 'short',
    primary: 'stays',
    pairs: (parties) => ({ about: 'clients', pairs: [[parties.clients, parties.services]] }),
  }),
];
