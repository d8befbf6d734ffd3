/**
 * The plugin's tables: cells left-aligned, padded to the widest of their column plus two blanks; the last cell of a
 * line is never padded. A header is followed by dashes, each run as long as its own title.
 */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const dashes = header.map((title) => '-'.repeat(title.length));
  return alignRows([header, dashes, ...rows]);
}

/** Rows without a header, such as label and value. */
export function alignRows(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    // The last cell of a row sets no width: nothing follows it.
    for (const [column, cell] of row.slice(0, -1).entries()) {
      widths[column] = Math.max(widths[column] ?? 0, [...cell].length);
    }
  }
  const pad = (cell: string, column: number, row: readonly string[]) =>
    column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - [...cell].length + 2);
  return rows.map((row) => `${row.map(pad).join('')}\n`).join('');
}
