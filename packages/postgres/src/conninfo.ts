/** Connection parameters by libpq keyword, in the order in which they are written. */
export type ConnectionParameters = Readonly<Record<string, string>>;

const needsNoQuotes = /^[A-Za-z0-9_./:@%+,~-]+$/;

/** A libpq connection string: `host=pg-rw user=app`, values quoted where they must be. */
export function renderConninfo(parameters: ConnectionParameters): string {
  return Object.entries(parameters)
    .map(([keyword, value]) => `${keyword}=${quoteConninfoValue(value)}`)
    .join(' ');
}

export function quoteConninfoValue(value: string): string {
  if (needsNoQuotes.test(value)) return value;
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/**
 * Reads a libpq connection string of `keyword=value` pairs; a later one wins.
 * @throws Error at a missing `=` or an open quote, without the value, which may be a password.
 */
export function parseConninfo(text: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  let at = skipBlanks(text, 0);
  while (at < text.length) {
    const keyword = /^[^\s=]+/.exec(text.slice(at))?.[0] ?? '';
    const equals = skipBlanks(text, at + keyword.length);
    if (keyword === '' || text[equals] !== '=') {
      throw new Error(`connection string: no "=" after "${keyword}" at character ${at + 1}`);
    }
    const [value, end] = readValue(text, skipBlanks(text, equals + 1), keyword);
    parameters[keyword] = value;
    at = skipBlanks(text, end);
  }
  return parameters;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text[at] ?? '')) at += 1;
  return at;
}

function readValue(text: string, from: number, keyword: string): [value: string, end: number] {
  const quoted = text[from] === "'";
  let value = '';
  for (let at = quoted ? from + 1 : from; ; at += 1) {
    const character = text[at];
    if (character === undefined) {
      if (quoted) throw new Error(`connection string: the quote of "${keyword}" is not closed`);
      return [value, at];
    }
    if (character === '\\') {
      at += 1;
      value += text[at] ?? '';
    } else if (quoted && character === "'") return [value, at + 1];
    else if (!quoted && /\s/.test(character)) return [value, at];
    else value += character;
  }
}
