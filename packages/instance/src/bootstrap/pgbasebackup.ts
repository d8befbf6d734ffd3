import { isReplicaCluster } from '@matriarch/api';
import { externalConninfo } from '../configuration/external.ts';
import { createApplication } from './application.ts';
import { copyServer } from './copy.ts';
import {
  markEmptyArchiveCheck,
  removeForeignMarks,
  writeConfiguration,
  writeOverride,
  writePrivateAccess,
  writeStandbySignal,
} from './files.ts';
import type { Job } from './job.ts';
import { clearTargets, finishTargets, stagingDirectory } from './targets.ts';

/** `instance pgbasebackup`: a physical copy of a server outside this cluster. */
export async function copyExternalCluster(job: Job): Promise<void> {
  const { layout } = job.options;
  const source = job.cluster.spec.bootstrap?.pg_basebackup?.source ?? '';
  const connection = await externalConninfo(job, job.cluster, source);
  if (Object.keys(connection).length === 0) {
    throw new Error(
      `spec.externalClusters "${source}" has no connectionParameters; pg_basebackup needs a server to copy`,
    );
  }
  const targets = { pgData: layout.pgData, walDirectory: job.walDirectory, tablespaces: layout.tablespaces };
  await clearTargets(targets, new Date(), job.logger);
  const staging = stagingDirectory(layout.pgData);
  const { major } = await copyServer(job, connection);
  await removeForeignMarks(staging);
  await writeConfiguration(job, staging);
  await markEmptyArchiveCheck(staging);
  if (isReplicaCluster(job.cluster)) {
    await writeOverride(job, staging, connection, undefined);
    await writeStandbySignal(staging);
  } else {
    await writePrivateAccess(staging);
    await createApplication(job, staging);
  }
  await finishTargets(layout.pgData, major, job.signal);
}
