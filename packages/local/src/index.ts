export type {
  ApiClient,
  ClientWatch,
  ClientWatchEvent,
  ObjectRef,
  ResourceName,
  Selection,
} from './apiserver/client.ts';
export { ApiError } from './apiserver/registry/errors.ts';
export type { Hooks, StreamingBackend, StreamTarget } from './apiserver/registry/hooks.ts';
export type { ApiServer } from './apiserver/server.ts';
export { type StartOptions, startApiServer } from './apiserver/start.ts';
export { startControllerManager } from './local/controller-manager.ts';
export { lockHolder, lockStateDirectory, StateDirectoryInUse, type StateLock } from './local/lock.ts';
export { PortUnavailable } from './local/port.ts';
export { removeState } from './local/remove.ts';
export { type LocalCluster, type LocalOptions, startLocal } from './local/start.ts';
export { type Image, type ImageCatalogue, ImagePullError } from './node/image.ts';
export { dataDirectory, makeStateDirectory } from './node/layout.ts';
export type { NodeDescription } from './node/node-object.ts';
