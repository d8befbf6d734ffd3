import type { Cluster } from '@matriarch/api';
import { refreshCertificates } from '../certificates/refresh.ts';
import { refreshConfiguration } from '../configuration/files.ts';
import { parameterFloor } from '../configuration/floor.ts';
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
  const result = await refreshConfiguration(instance, forOwnImages(memory, cluster), {
    floor,
    held,
    receiving: !memory.receiverCut,
  });
  memory.configurationHash = result.hash;
  memory.configurationRaised = result.raised;
  if (result.changed) memory.reloadPending = true;
}

/**
 * Parameters may be meant for the images that are to come, and be unknown to those of this pod. Until it is made anew it
 * keeps the ones that it began with; everything else of the configuration follows the Cluster.
 */
function forOwnImages(memory: Memory, cluster: Cluster): Cluster {
  const info = cluster.status?.pgDataImageInfo;
  const images = JSON.stringify([info?.image, info?.extensions?.map(({ image }) => image?.reference)]);
  const { postgresql } = cluster.spec;
  if (memory.own === undefined || memory.own.images === images) {
    memory.own = { images, postgresql };
    return cluster;
  }
  const { parameters, shared_preload_libraries, extensions } = memory.own.postgresql ?? {};
  const {
    parameters: _parameters,
    shared_preload_libraries: _libraries,
    extensions: _extensions,
    ...rest
  } = postgresql ?? {};
  const own = {
    ...rest,
    ...(parameters ? { parameters } : {}),
    ...(shared_preload_libraries ? { shared_preload_libraries } : {}),
    ...(extensions ? { extensions } : {}),
  };
  return { ...cluster, spec: { ...cluster.spec, postgresql: own } };
}
