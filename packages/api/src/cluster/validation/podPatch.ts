// The rule on the annotation that patches the pods.
import { annotations } from '../../names/labels.ts';
import { invalid } from '../../validation/errors.ts';
import { applyJsonPatch, parseJsonPatch } from '../../values/jsonPatch.ts';
import type { ClusterRule } from './rule.ts';

const path = `metadata.annotations.${annotations.podPatch}`;

export const podPatch: ClusterRule = ({ cluster, buildPod }) => {
  const text = cluster.metadata.annotations?.[annotations.podPatch];
  if (text === undefined) return [];
  try {
    const patch = parseJsonPatch(text);
    if (buildPod === undefined || isPod(applyJsonPatch(buildPod(cluster), patch))) return [];
    return [invalid(path, text, 'correct the patch: its result is not a Pod')];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [invalid(path, text, `correct the JSON patch: ${reason}`)];
  }
};

/** Whether metadata and spec are objects and the containers a list with names, as in every pod. */
function isPod(value: unknown): boolean {
  const [metadata, spec] = [field(value, 'metadata'), field(value, 'spec')];
  const containers = field(spec, 'containers');
  return (
    typeof metadata === 'object' &&
    Array.isArray(containers) &&
    containers.every((container) => typeof field(container, 'name') === 'string')
  );
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
