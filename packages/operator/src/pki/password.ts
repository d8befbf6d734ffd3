import { randomInt } from 'node:crypto';

const digits = '0123456789';
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const length = 64;
const digitCount = 10;

/** 64 characters: ten digits at random places among letters. */
export function generatePassword(random: (below: number) => number = randomInt): string {
  const characters = Array.from({ length }, (_, index) => {
    const set = index < digitCount ? digits : letters;
    return set.charAt(random(set.length));
  });
  for (let i = characters.length - 1; i > 0; i -= 1) {
    const j = random(i + 1);
    const swapped = characters[i] ?? '';
    characters[i] = characters[j] ?? '';
    characters[j] = swapped;
  }
  return characters.join('');
}
