import { join } from 'node:path';
import type { Cluster } from '@matriarch/api';
import type { Environment, Layout } from '../paths.ts';
import type { Parameters } from './defaults.ts';

/** Settings that let PostgreSQL find the extensions mounted from images of their own. */
export function extensionPaths(cluster: Cluster, layout: Layout, user: Parameters): Parameters {
  const extensions = cluster.status?.pgDataImageInfo?.extensions ?? [];
  if (extensions.length === 0) return {};
  const control: string[] = ['$system'];
  const libraries: string[] = ['$libdir'];
  for (const extension of extensions) {
    const mount = join(layout.extensions, extension.name);
    const below = (paths: readonly string[] | undefined, fallback: string) =>
      (paths === undefined || paths.length === 0 ? [fallback] : paths).map((path) => join(mount, path));
    control.push(...below(extension.extension_control_path, 'share'));
    libraries.push(...below(extension.dynamic_library_path, 'lib'));
  }
  if (user.extension_control_path) control.push(user.extension_control_path);
  if (user.dynamic_library_path) libraries.push(user.dynamic_library_path);
  return { extension_control_path: control.join(':'), dynamic_library_path: libraries.join(':') };
}

/** Environment of the postgres process: the container's, and what the mounted extensions add. */
export function extensionEnvironment(
  cluster: Cluster,
  layout: Layout,
  environment: Environment,
): Record<string, string> {
  const result: Record<string, string> = {};
  const prepend = (name: string, paths: readonly string[]) => {
    const old = result[name] ?? environment[name];
    const all = old === undefined || old === '' ? paths : [...paths, old];
    if (paths.length > 0) result[name] = all.join(':');
  };
  for (const extension of cluster.status?.pgDataImageInfo?.extensions ?? []) {
    const mount = join(layout.extensions, extension.name);
    prepend(
      'LD_LIBRARY_PATH',
      (extension.ld_library_path ?? []).map((path) => join(mount, path)),
    );
    prepend(
      'PATH',
      (extension.bin_path ?? []).map((path) => join(mount, path)),
    );
    for (const entry of extension.env ?? []) result[entry.name] = entry.value.replaceAll(/\$\{image_root\}/g, mount);
  }
  return result;
}
