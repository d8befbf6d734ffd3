/** The Python literals that backup.info holds: strings, numbers, lists, tuples, dicts, None, True, False. */
export type Literal = null | boolean | number | string | Literal[] | { [key: string]: Literal };

/** A Python string literal: single quotes unless the text holds one and no double quote. */
export function stringLiteral(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r');
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

/** A float as Python prints it: with a fraction even when whole. */
export function floatLiteral(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/**
 * Reads a Python literal; tuples become arrays.
 * @throws SyntaxError naming the place.
 */
export function parseLiteral(text: string): Literal {
  const reader = new LiteralReader(text);
  const value = reader.value();
  reader.end();
  return value;
}

const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\\': '\\', "'": "'", '"': '"', '0': '\0' };

class LiteralReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): Literal {
    this.#skipBlanks();
    const next = this.#text[this.#at];
    if (next === "'" || next === '"') return this.#string(next);
    if (next === '[') return this.#sequence(']');
    if (next === '(') return this.#sequence(')');
    if (next === '{') return this.#dict();
    return this.#word();
  }

  end(): void {
    this.#skipBlanks();
    if (this.#at < this.#text.length) this.#fail('unexpected text');
  }

  #skipBlanks(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #fail(what: string): never {
    throw new SyntaxError(`${what} at character ${this.#at + 1} of "${this.#text.slice(0, 60)}"`);
  }

  #string(quote: string): string {
    let value = '';
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const char = this.#text[this.#at] ?? '';
      if (char === quote) {
        this.#at += 1;
        return value;
      }
      value += char === '\\' ? this.#escape() : char;
    }
    return this.#fail('string without end');
  }

  #escape(): string {
    this.#at += 1;
    const char = this.#text[this.#at] ?? '';
    const digits = { x: 2, u: 4, U: 8 }[char];
    if (digits === undefined) return escapes[char] ?? `\\${char}`;
    const code = Number.parseInt(this.#text.slice(this.#at + 1, this.#at + 1 + digits), 16);
    this.#at += digits;
    return String.fromCodePoint(code);
  }

  #sequence(close: string): Literal[] {
    const values: Literal[] = [];
    this.#at += 1;
    for (;;) {
      this.#skipBlanks();
      if (this.#text[this.#at] === close) {
        this.#at += 1;
        return values;
      }
      values.push(this.value());
      this.#separator(close);
    }
  }

  #dict(): { [key: string]: Literal } {
    const entries: { [key: string]: Literal } = {};
    this.#at += 1;
    for (;;) {
      this.#skipBlanks();
      if (this.#text[this.#at] === '}') {
        this.#at += 1;
        return entries;
      }
      const key = this.value();
      this.#skipBlanks();
      if (this.#text[this.#at] !== ':') this.#fail('":" expected');
      this.#at += 1;
      entries[String(key)] = this.value();
      this.#separator('}');
    }
  }

  #separator(close: string): void {
    this.#skipBlanks();
    if (this.#text[this.#at] === ',') this.#at += 1;
    else if (this.#text[this.#at] !== close) this.#fail(`"," or "${close}" expected`);
  }

  #word(): Literal {
    const word = /^[^\s,\])}:]+/.exec(this.#text.slice(this.#at))?.[0] ?? this.#fail('value expected');
    this.#at += word.length;
    if (word === 'None') return null;
    if (word === 'True') return true;
    if (word === 'False') return false;
    const number = Number(word);
    return Number.isNaN(number) ? this.#fail(`"${word}" is not a value`) : number;
  }
}
