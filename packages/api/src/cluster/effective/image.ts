// Versions of PostgreSQL, as the tag of an image tells them.
import type { ApiConfig } from '../../names/defaults.ts';
import type { Cluster } from '../kind.ts';

export interface Version {
  readonly major: number;
  readonly minor: number;
}

/** The tag of an image reference: `latest` when there is neither tag nor digest, empty with a digest alone. */
export function imageTag(reference: string): string {
  const digest = /@sha256:[0-9a-fA-F]+$/.exec(reference);
  const name = digest === null ? reference : reference.slice(0, digest.index);
  const tag = /:([^:/]*)$/.exec(name)?.[1];
  if (tag !== undefined) return tag;
  return digest === null ? 'latest' : '';
}

/** The version that the tag of an image begins with, such as 17.2 in `postgresql:17.2-bookworm`. */
export function imageVersion(reference: string): Version | undefined {
  const prefix = /^(?:\d\.?)+/.exec(imageTag(reference))?.[0];
  if (prefix === undefined) return undefined;
  const [major = '', minor = ''] = prefix.split('.');
  return { major: Number(major), minor: minor === '' ? 0 : Number(minor) };
}

/** Major version of PostgreSQL of a cluster: from its catalog reference, its image or the default image. */
export function postgresMajor(cluster: Cluster, config: ApiConfig): number | undefined {
  const { imageCatalogRef, imageName } = cluster.spec;
  if (imageCatalogRef !== undefined) return imageCatalogRef.major;
  return imageVersion(imageName === undefined || imageName === '' ? config.postgresImageName : imageName)?.major;
}
