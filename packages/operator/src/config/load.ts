import { type OperatorConfig, settings } from './schema.ts';

type Source = Readonly<Record<string, string | undefined>>;

/** The settings from sources in growing precedence: environment, ConfigMap, Secret. An unusable value is named. */
export function loadConfig(sources: readonly Source[]): OperatorConfig {
  const entries = Object.entries(settings).map(([name, setting]) => {
    const text = lastValue(sources, setting.key);
    if (text === undefined || text === '') return [name, setting.default];
    try {
      return [name, setting.read(text)];
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      throw new Error(`${setting.key}: "${text}": ${problem}`, { cause: error });
    }
  });
  return Object.fromEntries(entries) as OperatorConfig;
}

function lastValue(sources: readonly Source[], key: string): string | undefined {
  return sources.map((source) => source[key]).findLast((value) => value !== undefined);
}

/** Keys of a ConfigMap or Secret that no setting has, each with the most similar one. */
export function unknownKeys(source: Source): { key: string; suggestion: string | undefined }[] {
  const known: string[] = Object.values(settings).map(({ key }) => key);
  return Object.keys(source)
    .filter((key) => !known.includes(key))
    .map((key) => ({ key, suggestion: known.find((candidate) => similar(candidate, key)) }));
}

function similar(a: string, b: string): boolean {
  const plain = (text: string) => text.replace(/[^a-z]/gi, '').toUpperCase();
  const [left, right] = [plain(a), plain(b)];
  return left.startsWith(right) || right.startsWith(left) || sameButOne(left, right);
}

function sameButOne(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let i = 0;
  while (i < a.length && a[i] === b[i]) i += 1;
  const skip = (text: string, by: number) => text.slice(i + by);
  return skip(a, 1) === skip(b, 1) || skip(a, 0) === skip(b, 1) || skip(a, 1) === skip(b, 0);
}
