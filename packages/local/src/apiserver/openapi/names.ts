/** Names of schemas in OpenAPI documents. */

import { typeNameOf } from '../kinds/schema/typeschema.ts';
import type { ResourceInfo, TypeSchema } from '../registry/types.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta';
export const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
export const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';

/** `core/v1.PodSpec` -> `io.k8s.api.core.v1.PodSpec`; undefined for a schema that has no name of its own. */
export function schemaName(schema: TypeSchema): string | undefined {
  const type = typeNameOf(schema);
  return type === undefined ? undefined : fullName(type);
}

function fullName(type: string): string {
  const [path = '', name = ''] = [type.slice(0, type.lastIndexOf('.')), type.slice(type.lastIndexOf('.') + 1)];
  const [group = '', version = ''] = path.split('/');
  if (group === 'meta') return `${META}.${version}.${name}`;
  if (group === 'apiextensions') return `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.${version}.${name}`;
  if (group === 'apiregistration') return `io.k8s.kube-aggregator.pkg.apis.apiregistration.${version}.${name}`;
  return `io.k8s.api.${group}.${version}.${name}`;
}

/** Of the whole kind: `com.example.shop.v1.Order` for a custom one. */
export function kindName(info: ResourceInfo): string {
  const own = schemaName(info.schema);
  if (own !== undefined) return own;
  return `${info.group.split('.').reverse().join('.')}.${info.version}.${info.kind}`;
}

export const OBJECT_META = `${META}.v1.ObjectMeta`;
export const LIST_META = `${META}.v1.ListMeta`;
export const FIELDS_V1 = `${META}.v1.FieldsV1`;
