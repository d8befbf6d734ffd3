/**
 * Splits a text into words as a POSIX shell does, without expanding anything: the operator hands lists over as one
 * quoted argument. Single and double quotes and backslashes are understood.
 * @throws Error for a quote that is not closed.
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "'" || character === '"') {
      const [quoted, end] = readQuoted(text, at, character);
      word = (word ?? '') + quoted;
      at = end;
    } else if (character === '\\') {
      at += 1;
      word = (word ?? '') + (text[at] ?? '');
    } else word = (word ?? '') + character;
  }
  if (word !== undefined) words.push(word);
  return words;
}

function readQuoted(text: string, start: number, quote: string): [content: string, end: number] {
  let content = '';
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === quote) return [content, at];
    if (quote === '"' && character === '\\' && /["\\$`]/.test(text[at + 1] ?? '')) at += 1;
    content += text[at] ?? '';
  }
  throw new Error(`the quote ${quote} at character ${start + 1} is not closed`);
}
