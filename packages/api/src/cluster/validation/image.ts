// Rules on the image of a Cluster.
import { invalid, isSet } from '../../validation/errors.ts';
import { imageTag, imageVersion, postgresMajor } from '../effective/image.ts';
import type { ClusterRule } from './rule.ts';

const oldestMajor = 13;

export const imageName: ClusterRule = ({ spec: { imageName: image } }) => {
  if (!isSet(image)) return [];
  const tag = imageTag(image);
  const problem = (detail: string) => [invalid('spec.imageName', image, detail)];
  if (tag === '') return problem('add a tag with the version before the digest, such as :18.1@sha256:...');
  if (tag === 'latest') return problem('name a version instead of latest, such as :18.1');
  if (imageVersion(image) === undefined) return problem(`begin the tag with the version, such as 18.1, not "${tag}"`);
  return [];
};

export const supportedVersion: ClusterRule = ({ cluster, spec, config }) => {
  const major = postgresMajor(cluster, config);
  if (major === undefined || major >= oldestMajor) return [];
  const detail = `PostgreSQL ${major} is not supported; use version ${oldestMajor} or newer`;
  return [invalid('spec.imageName', spec.imageName ?? '', detail)];
};

const pullPolicies = ['', 'Always', 'Never', 'IfNotPresent'];

export const imagePullPolicy: ClusterRule = ({ spec: { imagePullPolicy: policy = '' } }) =>
  pullPolicies.includes(policy) ? [] : [invalid('spec.imagePullPolicy', policy, 'use Always, IfNotPresent or Never')];

export const imageRules: readonly ClusterRule[] = [imageName, supportedVersion, imagePullPolicy];
