/** Lists: selectors, pages, and lists as of an older version. */

import { ApiError, expired } from '../registry/errors.ts';
import type { ResourceInfo } from '../registry/types.ts';
import { type FieldSelector, matchesFields } from '../selectors/fields.ts';
import { type LabelSelector, matchesLabels } from '../selectors/labels.ts';
import type { Entry } from '../storage/entry.ts';
import { decodeContinue, encodeContinue } from './continue.ts';
import { type Core, prefixOf, tableOf, view } from './core.ts';

export interface ListOptions {
  labels: LabelSelector;
  fields: FieldSelector;
  limit: number;
  continueToken: string;
  resourceVersion: string;
  resourceVersionMatch: string;
}

export interface ListResult {
  entries: Entry[];
  version: number;
  continueToken?: string;
  remaining?: number;
}

export const EVERYTHING: ListOptions = {
  labels: [],
  fields: [],
  limit: 0,
  continueToken: '',
  resourceVersion: '',
  resourceVersionMatch: '',
};

/** Whether an object of the kind is one that the selectors name. */
export function selects(info: ResourceInfo, options: Pick<ListOptions, 'labels' | 'fields'>, entry: Entry): boolean {
  if (options.labels.length === 0 && options.fields.length === 0) return true;
  const object = view(info, entry);
  return matchesLabels(options.labels, object.metadata.labels) && matchesFields(options.fields, object, info);
}

export async function listObjects(
  core: Core,
  info: ResourceInfo,
  namespace: string | undefined,
  options: ListOptions,
): Promise<ListResult> {
  const start = options.continueToken === '' ? undefined : decodeContinue(options.continueToken);
  const version = start?.version ?? exactVersion(options);
  if (version === undefined) await waitForVersion(core, options.resourceVersion);
  const at = version === undefined || version < 0 ? core.store.version() : version;
  const all =
    at === core.store.version()
      ? core.store.list(tableOf(info), prefixOf(namespace))
      : older(core, info, namespace, at, start);
  const rest = start === undefined ? all : all.filter((entry) => entry.key > start.key);
  return page(info, rest, at, options);
}

/** The version that the answer must show, where one is asked for. */
function exactVersion(options: ListOptions): number | undefined {
  const asked = options.resourceVersion;
  if (asked === '' || asked === '0') return undefined;
  if (options.resourceVersionMatch === 'Exact') return Number(asked);
  if (options.resourceVersionMatch === '' && options.limit > 0) return Number(asked);
  return undefined;
}

const WAIT_MS = 3000;
const STEP_MS = 50;

/** A version that is not there yet may come from another server's clock; here it never does, so it ends in an error. */
async function waitForVersion(core: Core, asked: string): Promise<void> {
  const wanted = Number(asked === '' ? 0 : asked);
  for (let waited = 0; core.store.version() < wanted; waited += STEP_MS) {
    if (waited >= WAIT_MS) throw tooLarge(wanted, core.store.version());
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}

function tooLarge(wanted: number, current: number): ApiError {
  const message = `Timeout: Too large resource version: ${wanted}, current: ${current}`;
  return new ApiError(504, 'Timeout', message, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

function older(
  core: Core,
  info: ResourceInfo,
  namespace: string | undefined,
  at: number,
  start: { key: string } | undefined,
): Entry[] {
  const entries = core.store.listAt(tableOf(info), prefixOf(namespace), at);
  if (entries !== undefined) return entries;
  if (start === undefined) throw expired('The resourceVersion for the provided list is too old.');
  throw new ExpiredContinue(encodeContinue({ version: -1, key: start.key }));
}

/** 410 with a token that goes on with what there is now. */
export class ExpiredContinue extends ApiError {
  readonly continueToken: string;
  constructor(continueToken: string) {
    super(
      410,
      'Expired',
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
        'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
        'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
        'deleted between the time the first chunk was returned and now may show up in the list.',
    );
    this.continueToken = continueToken;
  }

  override toStatus(): ReturnType<ApiError['toStatus']> {
    return { ...super.toStatus(), metadata: { continue: this.continueToken } };
  }
}

function page(info: ResourceInfo, entries: readonly Entry[], version: number, options: ListOptions): ListResult {
  const limit = options.limit > 0 ? options.limit : Number.POSITIVE_INFINITY;
  const taken: Entry[] = [];
  for (const [index, entry] of entries.entries()) {
    if (!selects(info, options, entry)) continue;
    if (taken.length === limit) return withMore(taken, entries, index, version, options);
    taken.push(entry);
  }
  return { entries: taken, version };
}

/** There is at least one more: the token starts after the last one taken. */
function withMore(
  taken: Entry[],
  entries: readonly Entry[],
  index: number,
  version: number,
  options: ListOptions,
): ListResult {
  const key = taken[taken.length - 1]?.key ?? '';
  const counted = options.labels.length === 0 && options.fields.length === 0;
  return {
    entries: taken,
    version,
    continueToken: encodeContinue({ version, key }),
    ...(counted ? { remaining: entries.length - index } : {}),
  };
}
