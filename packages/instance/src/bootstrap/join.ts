import { slotName } from '@matriarch/api';
import type { ConnectionParameters } from '@matriarch/postgres';
import { refreshCertificates } from '../certificates/refresh.ts';
import { copyServer } from './copy.ts';
import { removeForeignMarks, writeOverride, writeStandbySignal } from './files.ts';
import { conninfoToPrimary } from './init.ts';
import type { Job } from './job.ts';
import { instanceName } from './names.ts';
import { clearTargets, finishTargets, stagingDirectory } from './targets.ts';

/** `instance join`: a standby of this cluster, copied from its primary; `source` overrides how that is reached. */
export async function joinCluster(job: Job, source: ConnectionParameters = {}): Promise<void> {
  const { layout, podName, flags } = job.options;
  const targets = { pgData: layout.pgData, walDirectory: job.walDirectory, tablespaces: layout.tablespaces };
  await clearTargets(targets, new Date(), job.logger);
  await refreshCertificates(job.cluster, job.secrets, layout.certificates);
  const toPrimary = await conninfoToPrimary(job);
  const host = flags.get('parent-node') ?? toPrimary.host ?? '';
  const address = await job.resolver.addressOf(host);
  const { hostaddr: _, ...named } = toPrimary;
  const staging = stagingDirectory(layout.pgData);
  const { major } = await copyServer(job, {
    ...named,
    host,
    ...(address === undefined ? {} : { hostaddr: address }),
    // The status of the primary shows copies under the names of their Jobs.
    application_name: podName,
    connect_timeout: '5',
    options: '-c wal_sender_timeout=0s',
    ...source,
  });
  await removeForeignMarks(staging);
  await writeOverride(job, staging, toPrimary, slotName(job.cluster, instanceName(podName)));
  await writeStandbySignal(staging);
  await finishTargets(layout.pgData, major, job.signal);
}
