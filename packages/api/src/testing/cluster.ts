// Clusters for tests, and tables of what a rule says about them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultCluster } from '../cluster/defaults/cluster.ts';
import type { Cluster } from '../cluster/kind.ts';
import type { ClusterSpec } from '../cluster/schema/spec.ts';
import type { ClusterRule, ClusterUpdateRule } from '../cluster/validation/rule.ts';
import { type ApiConfig, defaultApiConfig } from '../names/defaults.ts';
import type { FieldError } from '../validation/errors.ts';

export interface ClusterParts {
  readonly name?: string;
  readonly annotations?: Record<string, string>;
  readonly resourceVersion?: string;
  readonly spec?: Partial<ClusterSpec>;
  readonly status?: Cluster['status'];
}

/** A valid cluster of three instances, but for the given parts. */
export function rawCluster({ name = 'herd', annotations, resourceVersion, spec, status }: ClusterParts = {}): Cluster {
  return {
    metadata: {
      name,
      namespace: 'savanna',
      ...(annotations === undefined ? {} : { annotations }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    spec: { instances: 3, storage: { size: '10Gi' }, ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

/** The same with defaults. */
export const clusterOf = (parts: ClusterParts = {}, config: ApiConfig = defaultApiConfig): Cluster =>
  defaultCluster(rawCluster(parts), config);

export const withParameters = (parameters: Record<string, string>, spec: Partial<ClusterSpec> = {}): ClusterParts => ({
  spec: { ...spec, postgresql: { ...spec.postgresql, parameters } },
});

/** Errors in short: kind and path of each. */
export const brief = (errors: readonly FieldError[]): string[] => errors.map(({ kind, path }) => `${kind} ${path}`);

/** One line of a table: the cluster, and the errors in short, none when it is valid. */
export type Case = readonly [ClusterParts, ...string[]];

/** Tests one rule with clusters that have their defaults; `raw` leaves the defaults out. */
export function ruleTest(
  rule: ClusterRule,
  cases: readonly Case[],
  make: (parts: ClusterParts) => Cluster = clusterOf,
) {
  test(`rule ${rule.name}`, () => {
    for (const [parts, ...expected] of cases) {
      const cluster = make(parts);
      const errors = rule({ cluster, spec: cluster.spec, config: defaultApiConfig });
      assert.deepEqual(brief(errors), expected, JSON.stringify(parts));
      for (const error of errors) assert.ok(error.detail.length > 8, 'an error says what to do');
    }
  });
}

/** One line of a table of changes: before, after, and the errors in short. */
export type ChangeCase = readonly [ClusterParts, ClusterParts, ...string[]];

export function changeTest(
  rule: ClusterUpdateRule,
  cases: readonly ChangeCase[],
  make: (parts: ClusterParts) => Cluster = clusterOf,
) {
  test(`rule ${rule.name}`, () => {
    for (const [before, after, ...expected] of cases) {
      const cluster = make(after);
      const errors = rule({ cluster, spec: cluster.spec, config: defaultApiConfig, old: clusterOf(before) });
      assert.deepEqual(brief(errors), expected, JSON.stringify([before, after]));
    }
  });
}
