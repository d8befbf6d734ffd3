import { boolean, integer, object, type Static, string } from '../../schema/nodes.ts';
import { quantity } from './storage.ts';

const number = (description: string) => integer(description, { format: 'int32' });

const timing = {
  failureThreshold: number('Failures in a row until the probe counts as failed.'),
  initialDelaySeconds: number('Seconds before the first try.'),
  periodSeconds: number('Seconds between two tries.'),
  successThreshold: number('Successes in a row until the probe counts as passed.'),
  terminationGracePeriodSeconds: integer('Seconds that the pod gets to end after a failure.', { format: 'int64' }),
  timeoutSeconds: number('Seconds until a try counts as failed.'),
};

const strategic = (description: string) =>
  object(description, {
    ...timing,
    maximumLag: quantity('With the type streaming: how far a standby may be behind.'),
    type: string('What is checked: connections are accepted, streaming works, or a query runs.', {
      enum: ['pg_isready', 'streaming', 'query'],
    }),
  });

const isolationCheck = object('Stop a primary that reaches neither the API server nor the other instances.', {
  connectionTimeout: integer('Milliseconds for the connection to an instance.', { default: 1000 }),
  enabled: boolean('Whether isolation is checked.', { default: true }),
  requestTimeout: integer('Milliseconds for the answer of an instance.', { default: 1000 }),
});
export type IsolationCheck = Static<typeof isolationCheck>;

export const probes = object('Probes of the PostgreSQL container.', {
  liveness: object('Whether the container must be restarted.', { ...timing, isolationCheck }),
  readiness: strategic('Whether the instance takes connections.'),
  startup: strategic('Whether the start is finished.'),
});
export type Probes = Static<typeof probes>;
export type StrategicProbe = NonNullable<Probes['readiness']>;
