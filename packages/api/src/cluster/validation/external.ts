// Rules on external clusters.
import { each, invalid, missing, repeated } from '../../validation/errors.ts';
import type { ClusterRule } from './rule.ts';

const base = 'spec.externalClusters';

export const distinctExternalClusters: ClusterRule = ({ spec }) =>
  repeated(spec.externalClusters ?? [], ({ name }) => name).map(([, { name }]) =>
    invalid(base, name, 'name: use each name once'),
  );

export const reachableExternalClusters: ClusterRule = ({ spec }) =>
  each(spec.externalClusters, ({ connectionParameters, barmanObjectStore, plugin }, index) =>
    connectionParameters === undefined && barmanObjectStore === undefined && plugin === undefined
      ? [missing(`${base}[${index}]`, 'give connectionParameters, barmanObjectStore or plugin')]
      : [],
  );

/** These texts become names of files and folders. */
const isPlainName = (name: string) => name !== '.' && name !== '..' && !/[/\\]/.test(name);

export const plainNames: ClusterRule = ({ spec }) =>
  each(spec.externalClusters, (external, index) => {
    const secrets = (['sslCert', 'sslKey', 'sslRootCert'] as const).flatMap((field) => [
      [`${field}.name`, external[field]?.name ?? ''] as const,
      [`${field}.key`, external[field]?.key ?? ''] as const,
    ]);
    return [['name', external.name] as const, ...secrets]
      .filter(([, value]) => !isPlainName(value))
      .map(([field, value]) =>
        invalid(`${base}[${index}].${field}`, value, 'use a plain name: neither . nor .., and no / or \\'),
      );
  });

export const externalRules: readonly ClusterRule[] = [distinctExternalClusters, reachableExternalClusters, plainNames];
