export type { Action, Plan } from './cluster/actions.ts';
export { decide } from './cluster/decide/index.ts';
export type { Snapshot } from './cluster/snapshot.ts';
export { operatorImage, settings } from './config/schema.ts';
export { type InstanceReport, parseReport } from './instances/report.ts';
export { runOperator } from './main.ts';
export { manifestFiles } from './manifests/files.ts';
export { type ManifestOptions, operatorManifests } from './manifests/index.ts';
export { defaultQueries } from './manifests/queries.ts';
