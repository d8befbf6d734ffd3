import type { Cluster } from '@matriarch/api';

/** The images that a manager began with, and the settings that came with them. */
export interface OwnImages {
  readonly images: string;
  readonly postgresql: Cluster['spec']['postgresql'];
}

const imageKeys = ['parameters', 'shared_preload_libraries', 'extensions'] as const;

/**
 * Settings may be meant for the images that are to come, and be unknown to those of this pod. Until it is made anew it
 * keeps the ones that it began with; everything else of the configuration follows the Cluster.
 */
export function forOwnImages(own: OwnImages | undefined, cluster: Cluster): { own: OwnImages; cluster: Cluster } {
  const info = cluster.status?.pgDataImageInfo;
  const images = JSON.stringify([info?.image, info?.extensions?.map(({ image }) => image?.reference)]);
  const { postgresql } = cluster.spec;
  if (own === undefined || own.images === images) return { own: { images, postgresql }, cluster };
  const present = Object.entries(postgresql ?? {}).filter(([key]) => !(imageKeys as readonly string[]).includes(key));
  const kept = imageKeys.map((key) => [key, own.postgresql?.[key]]).filter(([, value]) => value !== undefined);
  const merged = Object.fromEntries([...present, ...kept]) as NonNullable<Cluster['spec']['postgresql']>;
  return { own, cluster: { ...cluster, spec: { ...cluster.spec, postgresql: merged } } };
}
