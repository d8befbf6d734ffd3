/** YAML as the API reads it: version 1.1 for plain words (`yes` is true), but times and dates stay text. */

import { parseDocument, type Tags, type YAMLParseError } from 'yaml';

export interface ParsedYaml {
  value: unknown;
  /** `yaml: line 3: ...` */
  problem?: string;
  /** Keys given twice: `yaml: unmarshal errors:` and a line for each. */
  duplicates: string[];
}

const LEFT_OUT = new Set(['timestamp', 'binary', 'omap', 'pairs', 'set', 'merge', 'intTime', 'floatTime']);

function keepPlain(tags: Tags): Tags {
  return tags.filter((tag) => {
    if (typeof tag === 'string') return !LEFT_OUT.has(tag);
    const isTime = tag.tag === 'tag:yaml.org,2002:timestamp' || ('format' in tag && tag.format === 'TIME');
    return !isTime && !LEFT_OUT.has(tag.tag.replace('tag:yaml.org,2002:', ''));
  });
}

export function parseYaml(text: string): ParsedYaml {
  const document = parseDocument(text, { version: '1.1', uniqueKeys: true, customTags: keepPlain });
  const problem = document.errors.find((error) => error.code !== 'DUPLICATE_KEY');
  if (problem === undefined) {
    return { value: document.toJS() as unknown, duplicates: duplicateKeys(text, document.errors) };
  }
  const line = problem.linePos?.[0].line ?? 1;
  const [what = ''] = problem.message.split(' at line ');
  const unfinished = what.startsWith('Flow ') ? 'did not find expected node content' : what;
  return { value: undefined, problem: `yaml: line ${line}: ${unfinished}`, duplicates: [] };
}

function duplicateKeys(text: string, errors: readonly YAMLParseError[]): string[] {
  const lines = errors.map(({ pos, linePos }) => {
    const key = /^[^:\n]*/.exec(text.slice(pos[0]))?.[0].trim() ?? '';
    return `  line ${linePos?.[0].line ?? 1}: key ${JSON.stringify(key)} already set in map`;
  });
  return lines.length === 0 ? [] : [`yaml: unmarshal errors:\n${lines.join('\n')}`];
}
