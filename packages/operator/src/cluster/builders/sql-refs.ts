import type { Cluster } from '@matriarch/api';
import type { Volume, VolumeMount } from 'kubernetes-types/core/v1.d.ts';

type InitDB = NonNullable<NonNullable<Cluster['spec']['bootstrap']>['initdb']>;
type SqlRefs = NonNullable<InitDB['postInitSQLRefs']>;

export interface SqlFiles {
  flags: string[];
  volumes: Volume[];
  mounts: VolumeMount[];
}

/** Files with SQL from Secrets and ConfigMaps, mounted under numbered names so that they run in order. */
export function sqlFiles(initdb: InitDB): SqlFiles {
  const all = [
    files('post-init-application-sql', initdb.postInitApplicationSQLRefs),
    files('post-init-template-sql', initdb.postInitTemplateSQLRefs),
    files('post-init-sql', initdb.postInitSQLRefs),
  ];
  return {
    flags: all.flatMap(({ flags }) => flags),
    volumes: all.flatMap(({ volumes }) => volumes),
    mounts: all.flatMap(({ mounts }) => mounts),
  };
}

function files(kind: string, refs: SqlRefs | undefined): SqlFiles {
  const secrets = (refs?.secretRefs ?? []).map(({ name, key }) => ({ key, source: { secretName: name } }));
  const configMaps = (refs?.configMapRefs ?? []).map(({ name, key }) => ({ key, source: { name } }));
  const total = secrets.length + configMaps.length;
  if (total === 0) return { flags: [], volumes: [], mounts: [] };
  const folder = `/etc/${kind}`;
  const number = (index: number) => String(index).padStart(String(total).length, '0');
  const volumeName = (index: number) => `${number(index)}-${kind}`;
  const item = (key: string, index: number) => ({ items: [{ key, path: `${number(index)}.sql` }] });
  const volumes: Volume[] = [
    ...secrets.map(({ key, source }, i) => ({ name: volumeName(i), secret: { ...source, ...item(key, i) } })),
    ...configMaps.map(({ key, source }, i) => {
      const index = secrets.length + i;
      return { name: volumeName(index), configMap: { ...source, ...item(key, index) } };
    }),
  ];
  const mounts = volumes.map(({ name }, index) => ({
    name,
    mountPath: `${folder}/${number(index)}.sql`,
    subPath: `${number(index)}.sql`,
    readOnly: true,
  }));
  return { flags: [`--${kind}-refs-folder`, folder], volumes, mounts };
}
