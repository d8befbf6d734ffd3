// The answer to one admission request, whatever the kind.
import { isDeepStrictEqual } from 'node:util';
import type { Backup } from '../backup/kind.ts';
import { validateBackup } from '../backup/validation.ts';
import { defaultCluster } from '../cluster/defaults/cluster.ts';
import type { Cluster } from '../cluster/kind.ts';
import { type PodBuilder, validateCluster, validateClusterUpdate } from '../cluster/validation/cluster.ts';
import { clusterWarnings } from '../cluster/validation/warnings.ts';
import type { Database } from '../database/kind.ts';
import { validateDatabase } from '../database/validation.ts';
import type { ApiConfig } from '../names/defaults.ts';
import { annotations } from '../names/labels.ts';
import type { Pooler } from '../pooler/kind.ts';
import { poolerWarnings, validatePooler } from '../pooler/validation.ts';
import type { ScheduledBackup } from '../scheduledbackup/kind.ts';
import { scheduledBackupWarnings, validateScheduledBackup } from '../scheduledbackup/validation.ts';
import type { FieldError } from './errors.ts';

/** The objects that webhooks look at. */
export type Admitted =
  | { readonly kind: 'Cluster'; readonly object: Cluster; readonly old?: Cluster }
  | { readonly kind: 'Backup'; readonly object: Backup; readonly old?: Backup }
  | { readonly kind: 'ScheduledBackup'; readonly object: ScheduledBackup; readonly old?: ScheduledBackup }
  | { readonly kind: 'Database'; readonly object: Database; readonly old?: Database }
  | { readonly kind: 'Pooler'; readonly object: Pooler; readonly old?: Pooler };

export interface Verdict {
  readonly errors: readonly FieldError[];
  readonly warnings: readonly string[];
}

/** What the mutating webhook makes of an object. */
export const applyDefaults = <A extends Admitted>(request: A, config: ApiConfig): A['object'] =>
  request.kind === 'Cluster' ? defaultCluster(request.object, config) : request.object;

/** What the validating webhook says. `cnpg.io/validation: disabled` lets everything through, with a warning. */
export function validate(request: Admitted, config: ApiConfig, buildPod?: PodBuilder): Verdict {
  const { kind, object } = request;
  const setting = object.metadata.annotations?.[annotations.validation] ?? '';
  // The webhook of ScheduledBackups takes no notice of the annotation.
  const isHeeded = kind !== 'ScheduledBackup';
  if (isHeeded && setting === 'disabled') {
    return { errors: [], warnings: [`the annotation ${annotations.validation} is disabled: nothing was validated`] };
  }
  const isKnown = ['', 'enabled'].includes(setting) || !isHeeded;
  const unknown = `the annotation ${annotations.validation} is "${setting}", and only enabled and disabled are known`;
  const verdict = judge(request, config, buildPod);
  return isKnown ? verdict : { ...verdict, warnings: [...verdict.warnings, unknown] };
}

function judge(request: Admitted, config: ApiConfig, buildPod: PodBuilder | undefined): Verdict {
  switch (request.kind) {
    case 'Cluster': {
      const { object, old } = request;
      const errors =
        old === undefined
          ? validateCluster(object, config, buildPod)
          : validateClusterUpdate(object, old, config, buildPod);
      return { errors, warnings: clusterWarnings(object) };
    }
    case 'Backup':
      return { errors: validateBackup(request.object, config), warnings: [] };
    case 'ScheduledBackup':
      return {
        errors: validateScheduledBackup(request.object, config),
        warnings: scheduledBackupWarnings(request.object),
      };
    case 'Database':
      return { errors: validateDatabase(request.object), warnings: [] };
    case 'Pooler': {
      const errors = validatePooler(request.object);
      const isRefusedCreate = errors.length > 0 && request.old === undefined;
      return { errors, warnings: isRefusedCreate ? [] : poolerWarnings(request.object) };
    }
  }
}

export interface Guarded<T> {
  /** The object with its defaults. */
  readonly object: T;
  /** Whether the defaults change the object, which then must be written back first. */
  readonly isChanged: boolean;
  readonly errors: readonly FieldError[];
}

/**
 * What a controller does before it works on an object, so that clusters without webhooks are as safe: defaults and the
 * rules for new objects. Here the annotation of a ScheduledBackup counts.
 */
export function guard<A extends Admitted>(request: A, config: ApiConfig, buildPod?: PodBuilder): Guarded<A['object']> {
  const object = applyDefaults(request, config);
  const isDisabled = object.metadata.annotations?.[annotations.validation] === 'disabled';
  const errors = isDisabled ? [] : judge(withObject(request, object), config, buildPod).errors;
  return { object, isChanged: !isDeepStrictEqual(object, request.object), errors };
}

/** The same request as one for a new object. */
function withObject(request: Admitted, object: Admitted['object']): Admitted {
  const { old, ...rest } = request;
  return { ...rest, object } as Admitted;
}
