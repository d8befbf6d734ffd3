/** Priority and standard tolerations of pods. */
import { record, records, text } from '../../kinds/columns/format.ts';
import type { Lookup } from '../../kinds/lookup.ts';
import { forbidden } from '../../registry/errors.ts';
import type { JsonObject } from '../../registry/types.ts';
import { type AdmissionPlugin, creates, isAbout } from '../plugin.ts';

const TABLE = 'scheduling.k8s.io/priorityclasses';

export function priority(lookup: Lookup): AdmissionPlugin {
  return {
    handles: (request) => creates(request, '', 'pods'),
    mutate({ object, info, attributes }) {
      if (object === undefined) return;
      const spec = record(object.spec);
      const name = text(spec.priorityClassName);
      const chosen = name === '' ? defaultClass(lookup) : lookup.get(TABLE, undefined, name);
      if (name !== '' && chosen === undefined) {
        throw forbidden(info, attributes.name, `no PriorityClass with name ${name} was found`);
      }
      const value = typeof chosen?.value === 'number' ? chosen.value : 0;
      if (typeof spec.priority === 'number' && spec.priority !== value) {
        const why = `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`;
        throw forbidden(info, attributes.name, why);
      }
      if (chosen !== undefined) spec.priorityClassName = text(chosen.metadata.name);
      spec.priority = value;
      spec.preemptionPolicy ??= text(chosen?.preemptionPolicy) || 'PreemptLowerPriority';
    },
  };
}

function defaultClass(lookup: Lookup): ReturnType<Lookup['get']> {
  const defaults = lookup.list(TABLE).filter((one) => one.globalDefault === true);
  return defaults.sort((a, b) => Number(a.value) - Number(b.value))[0];
}

const SECONDS = 300;
const CONDITIONS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** A pod stays for five minutes on a node that has stopped to answer, unless it says otherwise. */
export const defaultTolerations: AdmissionPlugin = {
  handles: (request) => request.operation !== 'DELETE' && isAbout(request, '', 'pods'),
  mutate({ object }) {
    if (object === undefined) return;
    const spec = record(object.spec);
    const given = records(spec.tolerations);
    const missing = CONDITIONS.filter((key) => !given.some((toleration) => tolerates(toleration, key)));
    if (missing.length === 0) return;
    const added = missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: SECONDS }));
    spec.tolerations = [...given, ...added];
  },
};

function tolerates(toleration: JsonObject, key: string): boolean {
  const [own, effect] = [text(toleration.key), text(toleration.effect)];
  return (own === key || own === '') && (effect === 'NoExecute' || effect === '');
}
