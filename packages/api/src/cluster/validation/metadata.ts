// Rules on the name and the annotations of a Cluster.
import { annotations } from '../../names/labels.ts';
import { type FieldError, invalid, missing } from '../../validation/errors.ts';
import { parseGoBoolean } from '../../values/postgres.ts';
import { livenessPinger } from '../defaults/pods.ts';
import type { ClusterContext, ClusterRule } from './rule.ts';

const annotation = ({ cluster }: ClusterContext, name: string) => cluster.metadata.annotations?.[name];
const pathOf = (name: string) => `metadata.annotations.${name}`;

export const clusterName: ClusterRule = ({ cluster }) => {
  // With generateName the API server may ask before it has made a name.
  const name = (cluster.metadata.name as string | undefined) ?? '';
  const errors: FieldError[] = [];
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
    errors.push(invalid('metadata.name', name, 'begin with a letter; then letters a-z, digits and inner - only'));
  }
  if (name.length > 50) {
    errors.push(
      invalid('metadata.name', name, `use at most 50 characters, not ${name.length}: names of pods are longer`),
    );
  }
  return errors;
};

export const hibernationAnnotation: ClusterRule = (context) => {
  const value = annotation(context, annotations.hibernation);
  if (value === undefined || value === 'on' || value === 'off') return [];
  return [invalid(pathOf(annotations.hibernation), value, 'use on or off')];
};

export const livenessPingerAnnotation: ClusterRule = (context) => {
  const value = annotation(context, annotations.livenessPinger);
  if (value === undefined || livenessPinger({ [annotations.livenessPinger]: value }) !== undefined) return [];
  const detail = 'give a JSON object with enabled, or use spec.probes.liveness.isolationCheck instead';
  return [invalid(pathOf(annotations.livenessPinger), value, detail)];
};

export const failoverQuorumAnnotation: ClusterRule = (context) => {
  const value = annotation(context, annotations.failoverQuorum);
  if (value === undefined) return [];
  const wanted = parseGoBoolean(value);
  if (wanted === undefined) return [invalid(pathOf(annotations.failoverQuorum), value, 'use true or false')];
  if (!wanted || context.spec.postgresql?.synchronous !== undefined) return [];
  const detail = `the annotation ${annotations.failoverQuorum} needs synchronous replication; set method and number`;
  return [missing('spec.postgresql.synchronous', detail)];
};

export const metadataRules: readonly ClusterRule[] = [
  clusterName,
  hibernationAnnotation,
  livenessPingerAnnotation,
  failoverQuorumAnnotation,
];
