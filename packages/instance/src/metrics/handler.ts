import type { Handler } from '../http/router.ts';
import type { Instance } from '../instance.ts';
import { collectorMetrics } from './collector.ts';
import { renderMetrics } from './text.ts';

/** Answers a scrape. */
export function createMetrics(instance: Instance): Handler {
  let collections = 0;
  return async () => {
    collections += 1;
    const families = await collectorMetrics(instance, collections);
    return { status: 200, body: renderMetrics(families), type: 'text/plain; version=0.0.4; charset=utf-8' };
  };
}
