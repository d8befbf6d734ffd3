/** Namespaces, nodes, configuration, policies and registrations. */
import { checkLabelName } from '../../meta/names.ts';
import type { ApiObject, JsonObject, Strategy } from '../../registry/types.ts';
import { record, records, strings, text } from '../columns/format.ts';
import type { KindParts } from '../resource.ts';
import {
  validateConfigMap,
  validateConfigMapUpdate,
  validateSecret,
  validateSecretUpdate,
} from '../validation/config.ts';
import { type AddressRules, validateEndpoints, validateSlice, validateSliceUpdate } from '../validation/network.ts';
import {
  validateBudget,
  validateLease,
  validatePriorityClass,
  validatePriorityClassUpdate,
} from '../validation/policy.ts';
import { validateWebhooks } from '../validation/webhooks.ts';
import { fill } from './pod-defaults.ts';

const NAMESPACE_LABEL = 'kubernetes.io/metadata.name';

const namespace: Strategy = {
  names: 'label',
  setDefaults(object) {
    const name = text(object.metadata.name);
    if (name !== '' && checkLabelName(name).length === 0) {
      object.metadata.labels = { ...object.metadata.labels, [NAMESPACE_LABEL]: name };
    }
  },
  prepareForCreate(object) {
    const finalizers = strings(record(object.spec).finalizers);
    object.spec = { finalizers: finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'] };
    object.status = { phase: 'Active' };
  },
  prepareForUpdate(object, old) {
    // Finalizers change through `finalize` only.
    object.spec = old.spec ?? {};
  },
  heldBySpec: (object) => strings(record(object.spec).finalizers).length > 0,
  beginDeletion(object) {
    object.status = { ...record(object.status), phase: 'Terminating' };
  },
};

const node: Strategy = {
  setDefaults(object) {
    const status = record(object.status);
    if (status.allocatable === undefined && status.capacity !== undefined)
      status.allocatable = { ...record(status.capacity) };
  },
};

/** `stringData` is a way to write `data`; it is never stored. */
function mergeStringData(secret: ApiObject): void {
  const given = Object.entries(record(secret.stringData));
  delete secret.stringData;
  if (given.length === 0) return;
  const encoded = given.map(([key, value]) => [key, Buffer.from(text(value)).toString('base64')]);
  secret.data = { ...record(secret.data), ...Object.fromEntries(encoded) };
}

const secret: Strategy = {
  setDefaults(object) {
    mergeStringData(object);
    if (text(object.type) === '') object.type = 'Opaque';
  },
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
};

function endpoints(rules: AddressRules): Strategy {
  return {
    createOnUpdate: true,
    setDefaults(object) {
      for (const subset of records(object.subsets))
        for (const port of records(subset.ports)) fill(port, 'protocol', 'TCP');
    },
    validate: (object) => validateEndpoints(object, rules),
    validateUpdate: (object) => validateEndpoints(object, rules),
  };
}

function endpointSlice(rules: AddressRules): KindParts {
  return {
    strategy: {
      setDefaults(object) {
        for (const port of records(object.ports)) {
          fill(port, 'name', '');
          fill(port, 'protocol', 'TCP');
        }
      },
      prepareForCreate(object) {
        object.metadata.generation = 1;
      },
      prepareForUpdate(object, old) {
        const versioned = (of: ApiObject): string => JSON.stringify([of.addressType, of.endpoints, of.ports]);
        if (versioned(object) !== versioned(old)) object.metadata.generation = (old.metadata.generation ?? 0) + 1;
      },
      validate: (object) => validateSlice(object, rules),
      validateUpdate: (object, old) => validateSliceUpdate(object, old, rules),
    },
  };
}

const lease: Strategy = {
  createOnUpdate: true,
  versionRequired: true,
  validate: validateLease,
  validateUpdate: validateLease,
};

const priorityClass: Strategy = {
  setDefaults(object: ApiObject & { preemptionPolicy?: unknown }) {
    object.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  prepareForCreate(object) {
    object.metadata.generation = 1;
  },
  validate: validatePriorityClass,
  validateUpdate: validatePriorityClassUpdate,
};

function defaultWebhook(hook: JsonObject, mutating: boolean): void {
  fill(hook, 'failurePolicy', 'Fail');
  fill(hook, 'matchPolicy', 'Equivalent');
  fill(hook, 'namespaceSelector', {});
  fill(hook, 'objectSelector', {});
  fill(hook, 'timeoutSeconds', 10);
  if (mutating) fill(hook, 'reinvocationPolicy', 'Never');
  for (const rule of records(hook.rules)) fill(rule, 'scope', '*');
  const { service } = record(hook.clientConfig);
  if (service !== undefined) fill(record(service), 'port', 443);
}

function webhooks(mutating: boolean): KindParts {
  return {
    strategy: {
      setDefaults(object) {
        for (const hook of records(object.webhooks)) defaultWebhook(hook, mutating);
      },
      versionRequired: true,
      validate: validateWebhooks,
      validateUpdate: validateWebhooks,
    },
    versioned: (object) => object.webhooks,
  };
}

const networkPolicy: Strategy = {
  setDefaults(object) {
    const spec = record(object.spec);
    const rules = [...records(spec.ingress), ...records(spec.egress)];
    for (const rule of rules) for (const port of records(rule.ports)) fill(port, 'protocol', 'TCP');
    if (strings(spec.policyTypes).length === 0) {
      spec.policyTypes = ['Ingress', ...(records(spec.egress).length > 0 ? ['Egress'] : [])];
    }
    object.spec = spec;
  },
};

const autoscaler: Strategy = {
  setDefaults(object) {
    const spec = record(object.spec);
    fill(spec, 'minReplicas', 1);
    object.spec = spec;
  },
};

const phase = (object: ApiObject): string => text(record(object.status).phase);

export function miscKinds(rules: AddressRules): { readonly [resource: string]: KindParts } {
  return {
    '/namespaces': {
      strategy: namespace,
      selectableFields: { 'status.phase': phase, name: (object) => text(object.metadata.name) },
    },
    '/nodes': {
      strategy: node,
      selectableFields: { 'spec.unschedulable': (object) => text(record(object.spec).unschedulable ?? false) },
    },
    '/configmaps': { strategy: { validate: validateConfigMap, validateUpdate: validateConfigMapUpdate } },
    '/secrets': { strategy: secret, selectableFields: { type: (object) => text(object.type) } },
    '/serviceaccounts': { strategy: { returnsDeleted: true } },
    '/endpoints': { strategy: endpoints(rules) },
    '/limitranges': { strategy: { createOnUpdate: true } },
    '/resourcequotas': { strategy: { returnsDeleted: true } },
    'discovery.k8s.io/endpointslices': endpointSlice(rules),
    'coordination.k8s.io/leases': { strategy: lease },
    'policy/poddisruptionbudgets': {
      strategy: { versionRequired: true, validate: validateBudget, validateUpdate: validateBudget },
    },
    'scheduling.k8s.io/priorityclasses': { strategy: priorityClass },
    'admissionregistration.k8s.io/mutatingwebhookconfigurations': webhooks(true),
    'admissionregistration.k8s.io/validatingwebhookconfigurations': webhooks(false),
    'networking.k8s.io/networkpolicies': { strategy: networkPolicy },
    'autoscaling/horizontalpodautoscalers': { strategy: autoscaler },
    'node.k8s.io/runtimeclasses': { strategy: { versionRequired: true } },
  };
}
