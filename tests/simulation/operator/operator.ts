/**
 * The operator: caches that may be old, one pass at a time, actions one after the other, each a request that may fail.
 * During a takeover two of them work at once.
 */
import type { Cluster } from '@matriarch/api';
import type { KubernetesObject } from '@matriarch/kubernetes';
import type { Lease } from 'kubernetes-types/coordination/v1.d.ts';
import type { Pod } from 'kubernetes-types/core/v1.d.ts';
import type { Action } from '../../../packages/operator/src/cluster/actions.ts';
import { type Actor, after, cancel, createActor, type Entry, note } from '../engine/simulation.ts';
import {
  type Client,
  cached,
  cachedList,
  isRefused,
  observe,
  type Result,
  request,
  type Watcher,
  watch,
} from '../kubernetes/api.ts';
import { type Change, create, type Outcome, patch, remove, type Store } from '../kubernetes/store.ts';
import { clusterName, timestamp, type World, wallClock } from '../world.ts';
import { type Followed, followPods } from './pool.ts';
import { snapshotOf } from './snapshot.ts';

export interface Operator {
  readonly actor: Actor;
  readonly place: string;
  readonly client: Client;
  readonly watcher: Watcher;
  readonly followed: Map<string, Followed>;
  busy: boolean;
  again: boolean;
  timer: Entry | undefined;
  failures: number;
  rolledOutAt: number | undefined;
  /** What was waited for last, for the trace. */
  lastWait: string;
}

const kinds = new Set(['clusters', 'pods', 'persistentVolumeClaims', 'jobs', 'leases', 'nodes', 'failoverQuorums']);

/** Renewals are of no interest. */
function hasNewHolder({ object, last }: Change): boolean {
  const holder = (lease: unknown) => (lease as Lease | undefined)?.spec?.holderIdentity;
  return object === undefined || last === undefined || holder(object) !== holder(last);
}

export function startOperator(world: World, name: string, place: string): Operator {
  const actor = createActor(name);
  const client = { actor, place };
  const operator: Operator = {
    ...{ actor, place, client, followed: new Map<string, Followed>() },
    watcher: watch(world, {
      ...{ client, kinds },
      onChange: (change) => {
        if (change.kind !== 'leases' || hasNewHolder(change)) enqueue(world, operator);
      },
    }),
    ...{ busy: false, again: false, timer: undefined, failures: 0, rolledOutAt: undefined, lastWait: '' },
  };
  world.operators.push(operator);
  note(world.sim, name, () => 'starts');
  enqueue(world, operator, 20);
  return operator;
}

/** Asks for a pass: a later time never replaces an earlier one. */
export function enqueue(world: World, operator: Operator, ms = 2): void {
  if (operator.busy && ms <= 2) {
    operator.again = true;
    return;
  }
  const at = world.sim.now + ms;
  if (operator.timer?.run && operator.timer.at <= at) return;
  cancel(operator.timer);
  operator.timer = after(world.sim, operator.actor, ms, () => {
    operator.timer = undefined;
    pass(world, operator);
  });
}

function pass(world: World, operator: Operator): void {
  const cluster = cached<Cluster>(operator.watcher, 'clusters', clusterName);
  if (cluster === undefined) return;
  operator.busy = true;
  operator.again = false;
  followPods(world, operator, cachedList<Pod>(operator.watcher, 'pods'));
  const snapshot = snapshotOf(world, operator, cluster);
  const plan = world.decisions.decideCluster(snapshot);
  world.passes += 1;
  world.checks.planned(world, operator, snapshot, plan);
  if (world.sim.trace) {
    for (const action of plan.actions) note(world.sim, operator.actor.name, () => describe(action));
    const waits = 'reason' in plan.result ? plan.result.reason : '';
    if (waits !== operator.lastWait) note(world.sim, operator.actor.name, () => `waits: ${waits || 'for nothing'}`);
    operator.lastWait = waits;
  }
  perform(world, operator, cluster, plan.actions, 0, (failure) => finish(world, operator, failure, plan.result));
}

type PassResult = ReturnType<World['decisions']['decideCluster']>['result'];

function finish(world: World, operator: Operator, failure: string | undefined, result: PassResult): void {
  operator.busy = false;
  if (failure !== undefined) {
    operator.failures += 1;
    const backoff = Math.min(30_000, 100 * 2 ** operator.failures);
    enqueue(world, operator, Math.max(3, failure === 'conflict' ? 20 * operator.failures : backoff));
  } else {
    operator.failures = 0;
    if (result.kind === 'requeue') enqueue(world, operator, Math.max(3, result.afterMs));
  }
  if (operator.again) enqueue(world, operator);
}

function describe(action: Action): string {
  if (action.kind === 'patchStatus') return `status ${JSON.stringify(action.patch)}`;
  if (action.kind === 'event') return `event ${action.reason}: ${action.message}`;
  if (action.kind === 'create') return `creates ${action.resource}/${action.object.metadata?.name}`;
  if (action.kind === 'delete') return `deletes ${action.resource}/${action.name}`;
  if (action.kind === 'patch') return `patches ${action.resource}/${action.name} ${JSON.stringify(action.body)}`;
  return JSON.stringify(action);
}

/** The actions in order; the first that fails ends the pass. */
function perform(
  world: World,
  operator: Operator,
  cluster: Cluster,
  actions: readonly Action[],
  index: number,
  done: (failure: string | undefined) => void,
): void {
  const action = actions[index];
  if (action === undefined) {
    done(undefined);
    return;
  }
  const next = () => perform(world, operator, cluster, actions, index + 1, done);
  const write = writeOf(world, cluster, action);
  if (write === undefined) {
    if (action.kind === 'recordRollout') operator.rolledOutAt = wallClock(world);
    next();
    return;
  }
  request(world, operator.client, 10_000, write.apply, (result) => {
    const failure = failureOf(action, result);
    if (failure !== undefined) {
      note(world.sim, operator.actor.name, () => `fails: ${failure}`);
      done(failure);
      return;
    }
    if (!isRefused(result) && result.object) took(operator, write.kind, action, result.object);
    next();
  });
}

/** What we wrote is seen by the next pass even if the watch is late. */
function took(operator: Operator, kind: string, action: Action, object: KubernetesObject): void {
  if (action.kind === 'delete' && object.metadata?.deletionTimestamp === undefined) return;
  observe(operator.watcher, kind, object);
}

interface Write {
  readonly kind: string;
  readonly apply: (store: Store) => Outcome;
}

function writeOf(world: World, cluster: Cluster, action: Action): Write | undefined {
  switch (action.kind) {
    case 'patchStatus': {
      const body = { metadata: { resourceVersion: cluster.metadata.resourceVersion }, status: action.patch };
      return { kind: 'clusters', apply: (store) => patch(store, 'clusters', clusterName, body) };
    }
    case 'patchCluster':
      return { kind: 'clusters', apply: (store) => patch(store, 'clusters', clusterName, action.body) };
    case 'create':
      return { kind: action.resource, apply: (store) => create(store, action.resource, slim(action.object)) };
    case 'patch':
      return { kind: action.resource, apply: (store) => patch(store, action.resource, action.name, action.body) };
    case 'delete':
      return {
        kind: action.resource,
        apply: (store) => removeObject(world, store, action),
      };
    default:
      return undefined;
  }
}

/** The pod as it was wanted, which is kept to see whether it still is, is large, and nothing here changes pods. */
function slim(object: KubernetesObject): KubernetesObject {
  const { 'cnpg.io/podSpec': _spec, ...annotations } = object.metadata?.annotations ?? {};
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function removeObject(world: World, store: Store, action: Extract<Action, { kind: 'delete' }>): Outcome {
  const graceful = action.resource === 'pods' || action.resource === 'persistentVolumeClaims';
  const options = { ...(action.uid ? { uid: action.uid } : {}), ...(graceful ? { now: timestamp(world) } : {}) };
  return remove(store, action.resource, action.name, options);
}

function failureOf(action: Action, result: Result): string | undefined {
  if (!isRefused(result)) return undefined;
  if (action.kind === 'create' && result.refusal === 'exists') return undefined;
  if (action.kind === 'patch' && result.refusal === 'not found') return undefined;
  if (action.kind === 'delete' && (result.refusal === 'not found' || result.refusal === 'conflict')) return undefined;
  return result.refusal;
}
