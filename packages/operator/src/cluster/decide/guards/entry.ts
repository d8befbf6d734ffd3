import { annotations } from '@matriarch/api';
import { done, type ReconcileResult } from '@matriarch/kubernetes';
import type { Draft, Step } from '../draft.ts';

const end: ReconcileResult = done;

/** A cluster that is being deleted goes away by itself: everything it owns follows. */
export const deleted: Step = ({ snapshot }) => (snapshot.cluster.metadata.deletionTimestamp ? end : undefined);

export const paused: Step = ({ snapshot }) =>
  snapshot.cluster.metadata.annotations?.[annotations.reconciliationLoop] === 'disabled' ? end : undefined;

/** Conditions with a reason that the API server would refuse would block every later write of the status. */
export const brokenConditions: Step = ({ status }) => {
  const valid = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;
  if (status.conditions) status.conditions = status.conditions.filter(({ reason }) => valid.test(reason));
  return undefined;
};

/** The instances accept commands only from the operator whose key is noted here. */
export const fingerprint: Step = ({ snapshot, status }: Draft) => {
  status.operatorCertificateFingerprint = snapshot.operator.fingerprint;
  return undefined;
};
