/** CustomResourceDefinitions and the resources that they make. */

export { type CustomResources, type CustomResourcesOptions, startCustomResources } from './controller.ts';
export { resourceFromCrd } from './instances.ts';
export { customResourceDefinitions, emptyDefinition } from './kind.ts';
