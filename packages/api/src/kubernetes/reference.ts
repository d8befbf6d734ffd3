import type { ObjectNode, SchemaNode, Typed } from '../schema/nodes.ts';

/**
 * A type of Kubernetes itself: its schema is ours to send, its static type comes from `kubernetes-types`. No field of
 * the static type may be missing; newer ones may be there.
 */
export function reference<T>(
  name: string,
  properties: Readonly<Record<keyof T & string, SchemaNode> & Record<string, SchemaNode>>,
  options?: Pick<ObjectNode, 'mapType'>,
): ObjectNode & Typed<T> {
  const node: ObjectNode = { kind: 'object', properties, reference: name, ...options };
  return node;
}
