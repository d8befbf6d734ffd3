export {
  type Client,
  createClient,
  type DeleteOptions,
  type ListOptions,
  type PatchBody,
  type RawOptions,
  type RawResponse,
  type WatchOptions,
  type WriteOptions,
} from './client/client.ts';
export type { ExecOptions, ExecResult } from './client/exec.ts';
export { lines, type WatchEvent } from './client/watch.ts';
export { inClusterConfig } from './config/in-cluster.ts';
export { type KubeconfigOptions, kubeconfigPaths, loadKubeconfig } from './config/kubeconfig.ts';
export type { ClientConfig, Credentials } from './config/types.ts';
export {
  ApiError,
  ConnectionError,
  isAlreadyExists,
  isConflict,
  isForbidden,
  isGone,
  isInvalid,
  isNotFound,
  isRetryable,
  isUnauthorized,
  type StatusBody,
  type StatusDetails,
} from './errors.ts';
export {
  apiVersionOf,
  defineResource,
  type KubernetesObject,
  keyOf,
  type ObjectKey,
  parseKey,
  type ResourceType,
  resourcePath,
} from './resource.ts';
export { resources } from './resources.ts';
