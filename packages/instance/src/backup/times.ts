/** The earliest of RFC 3339 times, empty when there is none. */
export function earliest(times: readonly string[]): string {
  return inOrder(times)[0] ?? '';
}

export function latest(times: readonly string[]): string {
  return inOrder(times).at(-1) ?? '';
}

function inOrder(times: readonly string[]): string[] {
  return [...times].sort((a, b) => Date.parse(a) - Date.parse(b));
}
