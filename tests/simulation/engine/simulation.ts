/**
 * Virtual time: a queue of events, each of one actor (a process) or of the world at large.
 *
 * A step is one event that was processed. An event of a process that has ended is dropped, one of a frozen process waits
 * until it goes on; neither counts. Nothing here depends on anything but the seed.
 */
import { createRandom, type Random } from './random.ts';

export interface Actor {
  readonly name: string;
  alive: boolean;
  /** How many reasons hold it; 0 = it runs. */
  frozen: number;
  /** When it went on after it was last frozen. */
  thawedAt: number;
  readonly deferred: Entry[];
}

export interface Entry {
  readonly at: number;
  readonly order: number;
  readonly actor: Actor | undefined;
  /** undefined = cancelled. */
  run: (() => void) | undefined;
}

export interface Simulation {
  now: number;
  steps: number;
  order: number;
  readonly random: Random;
  readonly heap: Entry[];
  /** Lines for a person; undefined = nobody wants to read. */
  readonly trace: string[] | undefined;
  /** What each said last. */
  readonly said: Map<string, string>;
}

export function createSimulation(seed: number, trace: string[] | undefined): Simulation {
  return { now: 0, steps: 0, order: 0, random: createRandom(seed), heap: [], trace, said: new Map() };
}

export const createActor = (name: string): Actor => ({
  name,
  alive: true,
  frozen: 0,
  thawedAt: Number.NEGATIVE_INFINITY,
  deferred: [],
});

/** Lets something happen later; an actor that has ended by then does nothing. */
export function after(sim: Simulation, actor: Actor | undefined, ms: number, run: () => void): Entry {
  sim.order += 1;
  const entry: Entry = { at: sim.now + Math.max(0, ms), order: sim.order, actor, run };
  push(sim.heap, entry);
  return entry;
}

export function cancel(entry: Entry | undefined): void {
  if (entry) entry.run = undefined;
}

/** Tells the reader of a trace what happened; what is said again and again is told once. */
export function note(sim: Simulation, who: string, text: () => string): void {
  if (sim.trace === undefined) return;
  const words = text();
  if (sim.said.get(who) === words) return;
  sim.said.set(who, words);
  sim.trace.push(`${(sim.now / 1000).toFixed(3).padStart(8)} s  ${who.padEnd(16)} ${words}`);
}

/** Processes the next event that is due until `limit`; false = there is none. */
export function advance(sim: Simulation, limit: number): boolean {
  for (;;) {
    const first = sim.heap[0];
    if (first === undefined || first.at > limit) {
      sim.now = Math.max(sim.now, limit);
      return false;
    }
    pop(sim.heap);
    const { run, actor } = first;
    if (run === undefined || actor?.alive === false) continue;
    sim.now = first.at;
    if (actor !== undefined && actor.frozen > 0) {
      actor.deferred.push(first);
      continue;
    }
    sim.steps += 1;
    run();
    return true;
  }
}

export function endActor(actor: Actor): void {
  actor.alive = false;
  actor.deferred.length = 0;
}

export function freeze(actor: Actor): void {
  actor.frozen += 1;
}

/** What came in meanwhile is done in its order, but mixed with what other thawed processes do. */
export function thaw(sim: Simulation, actor: Actor): void {
  actor.frozen = Math.max(0, actor.frozen - 1);
  if (actor.frozen > 0) return;
  actor.thawedAt = sim.now;
  let delay = sim.random.between(0, 20);
  for (const entry of actor.deferred.splice(0)) {
    if (entry.run === undefined) continue;
    delay += sim.random.between(0, 2);
    sim.order += 1;
    const later: Entry = {
      at: sim.now + delay,
      order: sim.order,
      actor,
      // A timer that was cancelled while it waited is cancelled still.
      run: () => entry.run?.(),
    };
    push(sim.heap, later);
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

function push(heap: Entry[], entry: Entry): void {
  let index = heap.length;
  heap.push(entry);
  while (index > 0) {
    const above = (index - 1) >> 1;
    const parent = heap[above] as Entry;
    if (!isBefore(entry, parent)) break;
    heap[index] = parent;
    index = above;
  }
  heap[index] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    const right = child + 1;
    if (right < heap.length && isBefore(heap[right] as Entry, heap[child] as Entry)) child = right;
    if (!isBefore(heap[child] as Entry, last)) break;
    heap[index] = heap[child] as Entry;
    index = child;
  }
  heap[index] = last;
}
