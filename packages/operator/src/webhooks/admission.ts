import { type Admitted, applyDefaults, invalidStatus, validate } from '@matriarch/api';
import type { AdmissionAnswer, AdmissionRequest } from '@matriarch/kubernetes';
import { buildInstancePod } from '../cluster/builders/pod.ts';
import { apiConfigOf } from '../config/api.ts';
import type { OperatorConfig } from '../config/schema.ts';
import { jsonDiff } from './jsondiff.ts';

export const defaultedKinds = ['Cluster', 'Backup', 'ScheduledBackup', 'Database'] as const;
export const validatedKinds = [...defaultedKinds, 'Pooler'] as const;
export type AdmittedKind = (typeof validatedKinds)[number];

export const webhookPath = (verb: 'mutate' | 'validate', kind: AdmittedKind): string =>
  `/${verb}-postgresql-cnpg-io-v1-${kind.toLowerCase()}`;

type Handler = (request: AdmissionRequest) => AdmissionAnswer;

/** What the API server may ask, by path. */
export function admissionHandlers(config: OperatorConfig): Record<string, Handler> {
  const mutating = defaultedKinds.map((kind) => [webhookPath('mutate', kind), mutate(kind, config)]);
  const validating = validatedKinds.map((kind) => [webhookPath('validate', kind), check(kind, config)]);
  return Object.fromEntries([...mutating, ...validating]);
}

function admitted(kind: AdmittedKind, { object, oldObject, namespace }: AdmissionRequest): Admitted {
  const withNamespace = (value: AdmissionRequest['object']) =>
    value && { ...value, metadata: { ...(namespace ? { namespace } : {}), ...value.metadata } };
  const old = oldObject ? { old: withNamespace(oldObject) } : {};
  return { kind, object: withNamespace(object), ...old } as Admitted;
}

function mutate(kind: AdmittedKind, config: OperatorConfig): Handler {
  return (request) => {
    const subject = admitted(kind, request);
    const defaulted = applyDefaults(subject, apiConfigOf(config));
    const patch = jsonDiff(subject.object, defaulted);
    return patch.length === 0 ? { allowed: true } : { allowed: true, patch };
  };
}

function check(kind: AdmittedKind, config: OperatorConfig): Handler {
  return (request) => {
    const subject = admitted(kind, request);
    const buildPod = () => {
      const cluster = subject.kind === 'Cluster' ? subject.object : undefined;
      if (!cluster) throw new Error('only a Cluster has pods');
      const metadata = { ...cluster.metadata, uid: cluster.metadata.uid ?? request.uid };
      return buildInstancePod({ cluster: { ...cluster, metadata }, config }, 1);
    };
    const { errors, warnings } = validate(subject, apiConfigOf(config), buildPod);
    const extra = warnings.length > 0 ? { warnings: [...warnings] } : {};
    if (errors.length === 0) return { allowed: true, ...extra };
    const { code, reason, message, details } = invalidStatus(
      'postgresql.cnpg.io',
      kind,
      subject.object.metadata.name,
      errors,
    );
    return { allowed: false, ...extra, status: { code, reason, message, details } };
  };
}
