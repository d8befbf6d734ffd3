/** YAML as the API reads it: version 1.1 for plain words (`yes` is true), but times and dates stay text. */

import { parseDocument, type Tags } from 'yaml';

export interface ParsedYaml {
  value: unknown;
  /** `yaml: line 3: ...` */
  problem?: string;
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
  const document = parseDocument(text, { version: '1.1', uniqueKeys: false, customTags: keepPlain });
  const problem = document.errors[0];
  if (problem === undefined) return { value: document.toJS() as unknown };
  const line = problem.linePos?.[0].line ?? 1;
  const [what = ''] = problem.message.split(' at line ');
  return { value: undefined, problem: `yaml: line ${line}: ${what}` };
}
