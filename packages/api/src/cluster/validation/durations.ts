// Rules on durations, which the schema takes as plain texts.
import { type FieldError, invalid } from '../../validation/errors.ts';
import { parseDuration } from '../../values/duration.ts';
import type { ClusterRule } from './rule.ts';

const durationError = (path: string, text: string | undefined): FieldError[] =>
  text === undefined || parseDuration(text) !== undefined
    ? []
    : [invalid(path, text, 'write a duration with units, such as 30s or 1h5m')];

export const minApplyDelay: ClusterRule = ({ spec }) =>
  durationError('spec.replica.minApplyDelay', spec.replica?.minApplyDelay);

export const metricsQueriesTtl: ClusterRule = ({ spec }) =>
  durationError('spec.monitoring.metricsQueriesTTL', spec.monitoring?.metricsQueriesTTL);

export const durationRules: readonly ClusterRule[] = [minApplyDelay, metricsQueriesTtl];
