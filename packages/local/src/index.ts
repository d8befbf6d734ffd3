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
