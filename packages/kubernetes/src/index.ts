export {
  type CertificateRequest,
  generateKey,
  type Issuer,
  issueCertificate,
  type KeyUsage,
  publicKeyFingerprint,
  type Subject,
} from './certificates/certificate.ts';
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
export { controllerOf, controllerReference, isControlledBy, setOwner } from './ownership.ts';
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
export { type Cache, type CacheChange, type CacheOptions, createCache } from './runtime/cache.ts';
export {
  type Controller,
  type ControllerOptions,
  createController,
  done,
  type ReconcileResult,
  requeue,
} from './runtime/controller.ts';
export { createEventRecorder, type EventRecorder } from './runtime/events.ts';
export { electLeader, type LeaderOptions, microTime } from './runtime/leader.ts';
export { createQueue, type Queue } from './runtime/queue.ts';
export { type Backoff, backoffDelay, sleep } from './runtime/time.ts';
export {
  type AdmissionAnswer,
  type AdmissionRequest,
  createWebhookServer,
  type WebhookServer,
  type WebhookServerOptions,
} from './runtime/webhook-server.ts';
