import type { KubernetesObject } from '@matriarch/kubernetes';
import { operatorManifests } from './index.ts';

/** The manifests by file name, for the folder deploy/manifests/operator. */
export function manifestFiles(): Map<string, KubernetesObject> {
  const files = operatorManifests().map((object, index) => {
    const number = String(index + 1).padStart(2, '0');
    return [`${number}-${object.kind?.toLowerCase()}-${object.metadata?.name}.yaml`, object] as const;
  });
  return new Map(files);
}
