export type { InstanceOptions, LogLevel, LogOptions } from './options.ts';
export { instanceOptions } from './options.ts';
export type { Environment, Layout } from './paths.ts';
export { containerLayout, resolvePath } from './paths.ts';
