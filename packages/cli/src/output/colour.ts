export type Colour = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan';
export type ColourMode = 'always' | 'auto' | 'never';

const codes: Record<Colour, number> = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 };

/** Colours text, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;

/** `auto` colours only what a person reads at a terminal. */
export function painter(mode: ColourMode, isTerminal: boolean): Paint {
  const on = mode === 'always' || (mode === 'auto' && isTerminal);
  return (colour, text) => (on ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text);
}
