/** The state of a pod in a few words, as a table shows it. */
import type { ApiObject, JsonObject, TableColumn } from '../../registry/types.ts';
import { age, ageColumn, column, NONE, nameColumn, number, record, records, text, wide } from './format.ts';

interface Summary {
  ready: string;
  status: string;
  restarts: string;
}

function conditionStatus(object: ApiObject, type: string): string {
  return text(records(record(object.status).conditions).find((condition) => condition.type === type)?.status);
}

/** The last init container that has not succeeded; undefined when all have. */
function initReason(statuses: readonly JsonObject[], total: number): string | undefined {
  for (const [index, status] of statuses.entries()) {
    const state = record(status.state);
    const terminated = state.terminated === undefined ? undefined : record(state.terminated);
    if (terminated !== undefined && number(terminated.exitCode) === 0) continue;
    if (terminated !== undefined) return `Init:${terminatedReason(terminated)}`;
    const waiting = text(record(state.waiting).reason);
    if (waiting !== '' && waiting !== 'PodInitializing') return `Init:${waiting}`;
    return `Init:${index}/${total}`;
  }
  return undefined;
}

function terminatedReason(terminated: JsonObject): string {
  const reason = text(terminated.reason);
  if (reason !== '') return reason;
  return number(terminated.signal) === 0
    ? `ExitCode:${number(terminated.exitCode)}`
    : `Signal:${number(terminated.signal)}`;
}

function mainReason(statuses: readonly JsonObject[], reason: string, podReady: boolean): string {
  let result = reason;
  let running = false;
  for (const status of [...statuses].reverse()) {
    const state = record(status.state);
    const waiting = text(record(state.waiting).reason);
    if (waiting !== '') result = waiting;
    else if (state.terminated !== undefined) result = terminatedReason(record(state.terminated));
    else if (status.ready === true && state.running !== undefined) running = true;
  }
  if (result === 'Completed' && running) return podReady ? 'Running' : 'NotReady';
  return result;
}

function restartsText(statuses: readonly JsonObject[], now: Date): string {
  const total = statuses.reduce((sum, status) => sum + number(status.restartCount), 0);
  const ends = statuses.map((status) => text(record(record(status.lastState).terminated).finishedAt)).sort();
  const last = ends.at(-1) ?? '';
  return total > 0 && last !== '' ? `${total} (${age(last, now)} ago)` : String(total);
}

function summarize(object: ApiObject, now: Date): Summary {
  const spec = record(object.spec);
  const status = record(object.status);
  const containers = records(status.containerStatuses);
  const init = records(status.initContainerStatuses);
  let reason = text(status.reason) || text(status.phase);
  const initializing = initReason(init, records(spec.initContainers).length);
  const ready = containers.filter((c) => c.ready === true && record(c.state).running !== undefined).length;
  if (initializing !== undefined) reason = initializing;
  else reason = mainReason(containers, reason, conditionStatus(object, 'Ready') === 'True');
  if (object.metadata.deletionTimestamp !== undefined) {
    reason = text(status.reason) === 'NodeLost' ? 'Unknown' : 'Terminating';
  }
  return {
    ready: `${ready}/${records(spec.containers).length}`,
    status: reason,
    restarts: restartsText(initializing === undefined ? containers : init, now),
  };
}

function readinessGates(object: ApiObject): string {
  const gates = records(record(object.spec).readinessGates);
  if (gates.length === 0) return NONE;
  const met = gates.filter((gate) => conditionStatus(object, text(gate.conditionType)) === 'True');
  return `${met.length}/${gates.length}`;
}

export const podColumns: readonly TableColumn[] = [
  nameColumn,
  column('Ready', 'Containers that are ready, of all', (pod, now) => summarize(pod, now).ready),
  column('Status', 'What the containers are doing', (pod, now) => summarize(pod, now).status),
  column('Restarts', 'How often containers were restarted', (pod, now) => summarize(pod, now).restarts),
  ageColumn,
  wide('IP', 'Address of the pod', (pod) => text(record(pod.status).podIP) || NONE),
  wide('Node', 'Node on which the pod is', (pod) => text(record(pod.spec).nodeName) || NONE),
  wide(
    'Nominated Node',
    'Node on which room is being made',
    (pod) => text(record(pod.status).nominatedNodeName) || NONE,
  ),
  wide('Readiness Gates', 'Extra conditions that are met, of all', readinessGates),
];
