import type { Cluster } from '@matriarch/api';
import { refreshCertificates } from '../certificates/refresh.ts';
import { refreshConfiguration } from '../configuration/files.ts';
import { parameterFloor } from '../configuration/floor.ts';
import { forOwnImages } from '../configuration/ownImages.ts';
import type { Instance } from '../instance.ts';
import type { Memory } from './memory.ts';
import { heldValues } from './refused.ts';

/** Brings the certificates on disk, and of our own servers, up to date. */
export async function certificatesStep(instance: Instance, memory: Memory, cluster: Cluster): Promise<void> {
  const files = await refreshCertificates(cluster, instance.secrets, instance.options.layout.certificates);
  if (files.changed) memory.reloadPending = true;
  const old = memory.certificate;
  if (old?.certificate === files.server.certificate && old.key === files.server.key) return;
  memory.certificate = files.server;
  for (const server of memory.tlsServers) server.setCertificate(files.server);
}

/** Brings PostgreSQL's configuration files up to date. */
export async function configurationStep(instance: Instance, memory: Memory, cluster: Cluster): Promise<void> {
  const floor = await parameterFloor(instance.options.layout.pgData);
  const held = heldValues(memory, cluster);
  const configured = forOwnImages(memory.own, cluster);
  memory.own = configured.own;
  const result = await refreshConfiguration(instance, configured.cluster, {
    floor,
    held,
    receiving: !memory.receiverCut,
  });
  memory.configurationHash = result.hash;
  memory.configurationRaised = result.raised;
  if (result.changed) memory.reloadPending = true;
}
