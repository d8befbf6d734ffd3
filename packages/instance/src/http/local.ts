import type { Instance } from '../instance.ts';
import { type CollectInput, collectStatus } from '../status/collect.ts';
import { type Handler, json, text } from './router.ts';

export interface LocalParts {
  readonly instance: Instance;
  readonly collectInput: () => CollectInput;
  /** Starts the backup of a Backup object by its name. */
  readonly startBackup: Handler;
  /** Takes the result of an archive command. */
  readonly archiveCondition: Handler;
}

/** What port 8010 serves to programs in this pod. */
export function localRoutes(parts: LocalParts): Readonly<Record<string, Handler>> {
  return {
    '/cache/cluster': () => {
      const cluster = parts.instance.cluster.current();
      return cluster === undefined ? text(404, 'the cluster is not known yet') : json(200, cluster);
    },
    '/pg/status': async () => json(200, await collectStatus(parts.collectInput())),
    '/pg/backup': parts.startBackup,
    '/cluster/status/condition/wal/archive': parts.archiveCondition,
  };
}
