import { createHash } from 'node:crypto';
import { quoteSetting, renderSettings } from '@matriarch/postgres';
import { restraintFile } from '../space/restraint.ts';
import type { Parameters } from './defaults.ts';

export interface RenderedConfiguration {
  readonly text: string;
  /** What the running server shows as `cnpg.config_sha256` once it has read the file. */
  readonly hash: string;
}

/**
 * custom.conf: the settings, then our own `cnpg.*` ones, and in the last line the hash of the former, by which
 * everybody sees which configuration a server runs with. `hashed` are the settings without what is particular to this
 * instance, so that all instances of a cluster show the same hash for the same configuration.
 */
export function renderCustomConf(
  settings: Parameters,
  own: Parameters,
  hashed: Parameters = settings,
): RenderedConfiguration {
  const body = renderSettings(settings);
  const hash = createHash('sha256').update(renderSettings(hashed)).digest('hex');
  return { text: `${body}${renderSettings(own)}cnpg.config_sha256 = ${quoteSetting(hash)}\n`, hash };
}

/** postgresql.conf with our includes at its end; unchanged when they are there in that order. */
export function ensureIncludes(text: string): string {
  const includes = ["include 'custom.conf'", "include 'override.conf'", `include_if_exists '${restraintFile}'`];
  const lines = text.split('\n');
  const present = lines.filter((line) => includes.includes(line.trim())).map((line) => line.trim());
  if (present.length === includes.length && present.every((line, index) => line === includes[index])) return text;
  const others = lines.filter((line) => !includes.includes(line.trim()));
  while (others.at(-1) === '') others.pop();
  return `${[...others, '', ...includes].join('\n')}\n`;
}
