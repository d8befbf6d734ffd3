/** Columns of custom resources in tables. */

import { age, ageColumn, nameColumn } from '../kinds/columns/format.ts';
import type { ApiObject, Json, TableColumn } from '../registry/types.ts';
import type { PrinterColumn } from './definition.ts';
import { findAll, parsePath } from './jsonpath.ts';

export function columnsOf(columns: readonly PrinterColumn[] | undefined): readonly TableColumn[] {
  if (columns === undefined || columns.length === 0) return [nameColumn, createdColumn];
  return [nameColumn, ...columns.map(columnOf)];
}

/** Without columns of its own a kind shows its age. */
const createdColumn: TableColumn = columnOf({
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: ageColumn.description,
});

function columnOf(column: PrinterColumn): TableColumn {
  const steps = parsePath(column.jsonPath) ?? [];
  return {
    name: column.name,
    type: column.type,
    format: column.format ?? '',
    description: column.description ?? `Custom resource definition column (in JSONPath format): ${column.jsonPath}`,
    priority: column.priority ?? 0,
    cell(object: ApiObject, now: Date): Json {
      const [value] = findAll(object as unknown as Json, steps);
      return value === undefined ? null : cellOf(value, column.type, now);
    },
  };
}

/** A value of another type than its column is not shown. */
function cellOf(value: Json, type: string, now: Date): Json {
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      if (typeof value !== 'string') return null;
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : age(value, now);
    default:
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}
