import type { ControllerOptions } from '@matriarch/kubernetes';
import { type Logger, logFailure } from '../log.ts';
import type { Metrics } from '../metrics/registry.ts';

/** Log and count how the reconciles of a controller end. */
export function outcomes(
  name: string,
  { log, metrics }: { log: Logger; metrics: Metrics },
): Pick<ControllerOptions, 'name' | 'onError' | 'onResult'> {
  return {
    name,
    onError: (key, error, retryMs) => {
      metrics.reconciled(name, 'error');
      logFailure(log, { error, controller: name, object: key, retryMs });
    },
    onResult: (_key, result) => metrics.reconciled(name, result.kind === 'requeue' ? 'requeue_after' : 'success'),
  };
}
