import type {
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from 'kubernetes-types/admissionregistration/v1.d.ts';
import { type AdmittedKind, defaultedKinds, validatedKinds, webhookPath } from '../webhooks/admission.ts';
import { webhookService } from '../webhooks/certificate.ts';

const plural = (kind: AdmittedKind): string => `${kind.toLowerCase()}s`;

function entry(verb: 'mutate' | 'validate', kind: AdmittedKind, namespace: string) {
  return {
    name: `${verb.charAt(0)}${kind.toLowerCase()}.cnpg.io`,
    admissionReviewVersions: ['v1'],
    clientConfig: { service: { name: webhookService, namespace, path: webhookPath(verb, kind), port: 443 } },
    failurePolicy: 'Fail',
    sideEffects: 'None',
    rules: [
      {
        apiGroups: ['postgresql.cnpg.io'],
        apiVersions: ['v1'],
        operations: ['CREATE', 'UPDATE'],
        resources: [plural(kind)],
      },
    ],
  };
}

/** The certificate is written into them by the operator itself. */
export function webhookManifests(namespace: string): (MutatingWebhookConfiguration | ValidatingWebhookConfiguration)[] {
  const apiVersion = 'admissionregistration.k8s.io/v1';
  return [
    {
      apiVersion,
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'cnpg-mutating-webhook-configuration' },
      webhooks: defaultedKinds.map((kind) => entry('mutate', kind, namespace)),
    },
    {
      apiVersion,
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'cnpg-validating-webhook-configuration' },
      webhooks: validatedKinds.map((kind) => entry('validate', kind, namespace)),
    },
  ];
}
