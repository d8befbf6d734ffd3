import { finalizers, type Publication, type PublicationObject, type PublicationSpec } from '@matriarch/api';
import { quoteIdentifier } from '@matriarch/postgres';
import { publications } from '../kinds.ts';
import type { SqlObjectKind } from '../objects/kind.ts';
import { parameterList } from '../objects/parameters.ts';

/** One table or schema as FOR and SET take it. */
function objectSql(object: PublicationObject): string {
  if (object.tablesInSchema) return `TABLES IN SCHEMA ${quoteIdentifier(object.tablesInSchema)}`;
  const { name = '', schema, only, columns } = object.table ?? {};
  const qualified = schema ? `${quoteIdentifier(schema)}.${quoteIdentifier(name)}` : quoteIdentifier(name);
  const list = columns === undefined || columns.length === 0 ? '' : ` (${columns.map(quoteIdentifier).join(', ')})`;
  return `TABLE ${only === true ? 'ONLY ' : ''}${qualified}${list}`;
}

export function publicationStatements(spec: PublicationSpec, exists: boolean): string[] {
  const name = quoteIdentifier(spec.name);
  const objects = (spec.target.objects ?? []).map(objectSql).join(', ');
  const parameters = parameterList(spec.parameters);
  if (!exists) {
    const target = spec.target.allTables === true ? ' FOR ALL TABLES' : objects === '' ? '' : ` FOR ${objects}`;
    return [`CREATE PUBLICATION ${name}${target}${parameters === '' ? '' : ` WITH (${parameters})`}`];
  }
  return [
    ...(spec.target.allTables === true || objects === '' ? [] : [`ALTER PUBLICATION ${name} SET ${objects}`]),
    ...(parameters === '' ? [] : [`ALTER PUBLICATION ${name} SET (${parameters})`]),
  ];
}

export const publicationObjects: SqlObjectKind<Publication> = {
  type: publications,
  finalizer: finalizers.deletePublication,
  identity: ({ spec }) => `${spec.dbname}/${spec.name}`,
  reclaim: ({ spec }) => (spec.publicationReclaimPolicy === 'delete' ? 'delete' : 'retain'),
  async apply(instance, _, { spec }) {
    await instance.database.withConnection(spec.dbname, async (connection) => {
      const rows = await connection.query('SELECT 1 FROM pg_publication WHERE pubname = $1', [spec.name]);
      for (const statement of publicationStatements(spec, rows.length > 0)) await connection.query(statement);
    });
    return { status: {} };
  },
  drop: ({ database }, { spec }) =>
    database.withConnection(spec.dbname, async (connection) => {
      await connection.query(`DROP PUBLICATION IF EXISTS ${quoteIdentifier(spec.name)}`);
    }),
};
