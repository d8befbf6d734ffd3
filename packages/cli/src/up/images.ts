import { imageTag } from '@matriarch/api';
import { type Image, type ImageCatalogue, ImagePullError } from '@matriarch/local';
import { fetchPostgres, imageOf, installedPostgres, versionOfTag, type WantedVersion } from './postgres-image.ts';
import { runtimeImage } from './runtime-image.ts';

export interface CatalogueOptions {
  /** Reference of the image that holds operator and instance manager. */
  runtimeReference: string;
  /** Folder for images that are built or fetched. */
  folder: string;
}

/**
 * What image names mean on this machine: the operator's own image is made of this installation's bundles, and
 * `.../postgresql:TAG` is the PostgreSQL of that version, from the installation or from the npm registry.
 */
export function createImageCatalogue({ runtimeReference, folder }: CatalogueOptions): ImageCatalogue {
  const pulled = new Map<string, Promise<Image>>();
  const runtime = runtimeImage(runtimeReference, folder);
  const pull = async (reference: string, signal: AbortSignal): Promise<Image> => {
    if (reference === runtimeReference) return runtime();
    if (/(^|\/)postgresql(:|@|$)/.test(reference)) return pullPostgres(reference, folder, signal);
    throw new Error('images of this name are not known here; PostgreSQL is .../postgresql:VERSION');
  };
  return {
    async pull(reference, signal) {
      const known = pulled.get(reference);
      if (known !== undefined) return known;
      const work = pull(reference, signal);
      if (reference !== runtimeReference) pulled.set(reference, work);
      try {
        return await work;
      } catch (error) {
        pulled.delete(reference);
        throw new ImagePullError(`cannot pull image "${reference}": ${shortMessage(error)}`, { cause: error });
      }
    },
  };
}

async function pullPostgres(reference: string, folder: string, signal: AbortSignal): Promise<Image> {
  const wanted = versionOfTag(imageTag(reference));
  if (wanted === undefined)
    throw new Error(`its tag "${imageTag(reference)}" does not begin with a version of PostgreSQL`);
  const installed = installedPostgres();
  if (satisfies(installed.version, wanted)) return imageOf(reference, installed);
  return imageOf(reference, await fetchPostgres(wanted, folder, signal));
}

function satisfies(version: string, { major, minor }: WantedVersion): boolean {
  return version.startsWith(minor === undefined ? `${major}.` : `${major}.${minor}.`);
}

/** The last line of what npm printed says most; an ordinary error is short already. */
function shortMessage(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  const lines = (stderr ?? '').split('\n').filter((line) => line.startsWith('npm error') && !line.includes('log'));
  return lines.at(-1)?.replace(/^npm error\s*/, '') ?? message ?? String(error);
}
