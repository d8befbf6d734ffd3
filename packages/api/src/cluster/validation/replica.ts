// Rules on replica clusters.
import { type FieldError, forbidden, invalid, isSet, missing } from '../../validation/errors.ts';
import { externalCluster, isReplicaCluster } from '../effective/roles.ts';
import type { ClusterRule } from './rule.ts';

const base = 'spec.replicaCluster';

export const oneReplicaSwitch: ClusterRule = ({ spec: { replica } }) =>
  isSet(replica?.primary) && replica.enabled !== undefined
    ? [forbidden(base, 'spec.replica: keep primary (a distributed topology) or enabled (a single replica), not both')]
    : [];

export const replicaBootstrap: ClusterRule = ({ cluster, spec }) => {
  if (!isReplicaCluster(cluster)) return [];
  const detail = 'use pg_basebackup or recovery: a replica cluster begins as a copy of another server';
  if (spec.bootstrap === undefined) return [missing('spec.bootstrap', detail)];
  const isNew = !isSet(cluster.metadata.resourceVersion);
  const { pg_basebackup, recovery } = spec.bootstrap;
  return isNew && pg_basebackup === undefined && recovery === undefined
    ? [invalid(base, spec.replica, `spec.bootstrap: ${detail}`)]
    : [];
};

export const replicaServers: ClusterRule = ({ cluster, spec: { replica } }) => {
  if (replica === undefined) return [];
  const fields = [
    ['primaryServerName', 'source', replica.source],
    ['self', 'self', replica.self],
    ['primary', 'primary', replica.primary],
  ] as const;
  return fields
    .filter(([, field, name]) => (field === 'source' || isSet(name)) && !externalCluster(cluster, name ?? ''))
    .map(([path, field, name]) =>
      invalid(`${base}.${path}`, name, `spec.replica.${field}: add a server of this name to spec.externalClusters`),
    );
};

const tokenFields = [
  'latestCheckpointTimelineID',
  'redoWalFile',
  'databaseSystemIdentifier',
  'latestCheckpointREDOLocation',
  'timeOfLatestCheckpoint',
  'operatorVersion',
] as const;
/** What a demoted primary says about its last checkpoint. */
export type PromotionToken = Readonly<Record<(typeof tokenFields)[number], string>>;

/** Reads a promotion token; a text says what is wrong with it. */
export function parsePromotionToken(token: string): PromotionToken | string {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(token) || token.length % 4 !== 0) return 'it is not base64';
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(token, 'base64').toString('utf8'));
  } catch {
    return 'it does not contain JSON';
  }
  if (typeof content !== 'object' || content === null) return 'it does not contain a JSON object';
  const values = new Map<string, unknown>(Object.entries(content));
  const lacking = tokenFields.find((field) => typeof values.get(field) !== 'string' || values.get(field) === '');
  if (lacking !== undefined) return `it lacks ${lacking}`;
  return Object.fromEntries(tokenFields.map((field) => [field, String(values.get(field))])) as PromotionToken;
}

export const promotionToken: ClusterRule = ({ cluster, spec: { replica } }): FieldError[] => {
  const token = replica?.promotionToken;
  if (!isSet(token)) return [];
  const path = `${base}.token`;
  if (isSet(replica?.minApplyDelay)) {
    return [invalid(path, token, 'spec.replica.promotionToken: remove minApplyDelay before the promotion')];
  }
  if (isReplicaCluster(cluster)) {
    return [invalid(path, token, 'spec.replica.promotionToken: make this cluster the primary in the same change')];
  }
  const parsed = parsePromotionToken(token);
  if (typeof parsed !== 'string') return [];
  const detail = `spec.replica.promotionToken: ${parsed}; copy status.demotionToken of the demoted cluster unchanged`;
  return [invalid(path, token, detail)];
};

export const replicaRules: readonly ClusterRule[] = [
  oneReplicaSwitch,
  replicaBootstrap,
  replicaServers,
  promotionToken,
];
