import type { Cluster } from '@matriarch/api';
import { refreshCertificates } from '../certificates/refresh.ts';
import { refreshConfiguration } from '../configuration/files.ts';
import { parameterFloor } from '../configuration/floor.ts';
import type { Instance } from '../instance.ts';
import type { Memory } from './memory.ts';

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
  const result = await refreshConfiguration(instance, cluster, floor);
  memory.configurationHash = result.hash;
  memory.configurationRaised = result.raised;
  if (result.changed) memory.reloadPending = true;
}
