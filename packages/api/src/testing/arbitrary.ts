// Random values that a schema admits.
import fc from 'fast-check';
import type { SchemaNode } from '../schema/nodes.ts';

const words = ['', 'a', 'app', '*', 'postgres', '10Gi', '512MB', '1h', 'on', '0/1', '../x', '17', 'latest', 'é'];
const text = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 8 }));

export function arbitraryOf(node: SchemaNode): fc.Arbitrary<unknown> {
  switch (node.kind) {
    case 'string':
      return node.enum === undefined ? text : fc.constantFrom(...node.enum);
    case 'integer':
      return fc.integer({ min: node.minimum ?? -2, max: node.maximum ?? 40 });
    case 'boolean':
      return fc.boolean();
    case 'intOrString':
      return fc.oneof(fc.nat({ max: 99 }), fc.constantFrom('1Gi', '0', '500m', '1e3'));
    case 'array':
      return fc.array(arbitraryOf(node.items), { maxLength: 2 });
    case 'map':
      return fc.dictionary(text, arbitraryOf(node.values), { maxKeys: 2, noNullPrototype: true });
    case 'object': {
      const fields = Object.entries(node.properties).map(([name, child]) => [name, arbitraryOf(child)] as const);
      const requiredKeys = Object.entries(node.properties).flatMap(([name, child]) => (child.required ? [name] : []));
      return fc.record(Object.fromEntries(fields), { requiredKeys, noNullPrototype: true });
    }
  }
}
