/**
 * Paths of a container in words for programs of the host. Such a program (du, cat, psql through `kubectl exec`) knows nothing
 * of a container's root, so what it is told must be true on this machine.
 */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Where an absolute path really is when it lies below a mount of the container; anything else comes back unchanged. The
 * answer goes by the short link to the root: a socket's path may have only 107 bytes.
 */
export function translatePath(word: string, root: string, link: string): string {
  if (!word.startsWith('/') || word.startsWith(`${link}/`)) return word;
  let place = root;
  for (const segment of word.split('/').filter((part) => part !== '')) {
    place = join(place, segment);
    const found = lstatSync(place, { throwIfNoEntry: false });
    if (found === undefined) return word;
    // Mounts, and files of the image, are links in the root.
    if (found.isSymbolicLink()) return join(link, word);
  }
  return word;
}

/** The environment of a container with its paths translated; PATH is the host's already. */
export function translateEnvironment(
  env: Readonly<Record<string, string>>,
  root: string,
  link: string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, name === 'PATH' ? value : translatePath(value, root, link)]),
  );
}
