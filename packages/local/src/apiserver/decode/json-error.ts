/** What is wrong with a JSON text, in the words that clients of the API know. */

const LITERALS = ['null', 'true', 'false'];

/** For a text that JSON.parse refused. */
export function jsonComplaint(text: string): string {
  const position = firstBadCharacter(text);
  if (position === undefined) return 'unexpected end of JSON input';
  const inLiteral = literalComplaint(text, position);
  return inLiteral ?? `invalid character '${text[position] ?? ''}' looking for beginning of value`;
}

/** `no` is a `null` gone wrong at its second letter. */
function literalComplaint(text: string, position: number): string | undefined {
  const start = /[a-z]*$/.exec(text.slice(0, position))?.index ?? position;
  const literal = LITERALS.find((word) => word.startsWith(text.slice(start, start + 1)) && text[start] !== undefined);
  if (literal === undefined) return undefined;
  for (let index = 1; index < literal.length; index += 1) {
    const [expected, found] = [literal[index], text[start + index]];
    if (found === undefined) return 'unexpected end of JSON input';
    if (found !== expected) return `invalid character '${found}' in literal ${literal} (expecting '${expected ?? ''}')`;
  }
  return undefined;
}

/** undefined: the text is a beginning of JSON that stops too soon. */
function firstBadCharacter(text: string): number | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const token = /Unexpected token '(.)', "?(.*)"? is not valid JSON/s.exec(message);
    const match = /at position (\d+)/.exec(message);
    const position = match !== null ? Number(match[1]) : token !== null ? text.indexOf(token[1] ?? '') : text.length;
    return /end of JSON|Unterminated/.test(message) || position >= text.length ? undefined : position;
  }
}
