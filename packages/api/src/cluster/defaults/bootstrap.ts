import type { ClusterSpec } from '../schema/spec.ts';

const or = (value: string | undefined, otherwise: string) => (value === undefined || value === '' ? otherwise : value);

type Named = { database?: string; owner?: string };

/** Without a name the database is app, and belongs to a role of its own name. */
function applicationNames(section: Named): { database: string; owner: string } {
  const database = or(section.database, 'app');
  return { database, owner: or(section.owner, database) };
}

/** Fills the one way of bootstrap that is given; initdb when none is. */
export function bootstrapDefaults(spec: ClusterSpec): ClusterSpec {
  const { recovery, pg_basebackup, initdb = {} } = spec.bootstrap ?? {};
  if (recovery !== undefined) {
    return { ...spec, bootstrap: { ...spec.bootstrap, recovery: { ...recovery, ...applicationNames(recovery) } } };
  }
  if (pg_basebackup !== undefined) {
    const filled = { ...pg_basebackup, ...applicationNames(pg_basebackup) };
    return { ...spec, bootstrap: { ...spec.bootstrap, pg_basebackup: filled } };
  }
  // A monolith import brings its own databases and roles.
  const database = or(initdb.database, initdb.import?.type === 'monolith' ? '' : 'app');
  const owner = or(initdb.owner, database);
  const filled = {
    ...initdb,
    ...(database === '' ? {} : { database }),
    ...(owner === '' ? {} : { owner }),
    encoding: or(initdb.encoding, 'UTF8'),
    localeCollate: or(initdb.localeCollate, 'C'),
    localeCType: or(initdb.localeCType, 'C'),
  };
  return { ...spec, bootstrap: { ...spec.bootstrap, initdb: filled } };
}
