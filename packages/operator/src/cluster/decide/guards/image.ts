import { clusterEvents, clusterPhases, type ImageInfo, imageVersion } from '@matriarch/api';
import { requeue } from '@matriarch/kubernetes';
import type { Snapshot } from '../../snapshot.ts';
import { type Draft, event, type Step, setPhase } from '../draft.ts';

type Requested = { image: string; major: number; extensions: ImageInfo['extensions'] } | { problem: string };

/** Which image the instances should run; a change of the major version is left to the upgrade. */
export const image: Step = (draft) => {
  const { status } = draft;
  const requested = requestedImage(draft.snapshot);
  if ('problem' in requested) return refuse(draft, requested.problem);
  const current = status.pgDataImageInfo;
  if (current && requested.major < current.majorVersion) {
    return refuse(
      draft,
      `cannot downgrade the PostgreSQL major version from ${current.majorVersion} to ${requested.major}`,
    );
  }
  status.image = requested.image;
  if (!current || current.majorVersion === requested.major) {
    status.pgDataImageInfo = {
      image: requested.image,
      majorVersion: requested.major,
      ...(requested.extensions ? { extensions: requested.extensions } : {}),
    };
  }
  return undefined;
};

function refuse(draft: Draft, problem: string) {
  event(draft, 'Warning', clusterEvents.discoverImage, problem);
  setPhase(draft, clusterPhases.imageCatalogError, problem);
  return requeue(60_000, problem);
}

function requestedImage({ cluster, catalog, config }: Snapshot): Requested {
  const { imageCatalogRef, imageName, postgresql } = cluster.spec;
  const own = postgresql?.extensions ?? [];
  if (!imageCatalogRef) {
    const image = imageName || config.postgresImage;
    const major = imageVersion(image)?.major;
    if (major === undefined) return { problem: `spec.imageName: ${image}: the tag must begin with the version` };
    return { image, major, extensions: own.length > 0 ? own : undefined };
  }
  const { kind, name, major } = imageCatalogRef;
  if (!catalog) return { problem: `${kind} ${name} does not exist; create it or change spec.imageCatalogRef` };
  const entry = catalog.images.find((each) => each.major === major);
  if (!entry) return { problem: `${kind} ${name} has no image for major version ${major}` };
  const extensions = own.map((extension) => ({
    ...entry.extensions?.find((each) => each.name === extension.name),
    ...extension,
  }));
  return { image: entry.image, major, extensions: extensions.length > 0 ? extensions : undefined };
}
