import type { PluginConfiguration } from '../../common/references.ts';
import { type ClusterParts, ruleTest } from '../../testing/cluster.ts';
import type { ManagedRole, ManagedService } from '../schema/managed.ts';
import {
  additionalServices,
  distinctRoles,
  distinctServices,
  managedRoles,
  oneWalArchiver,
  readWriteServiceStays,
} from './managed.ts';

const services = 'spec.managed.services';
const disabled = (...disabledDefaultServices: ('rw' | 'ro' | 'r')[]): ClusterParts => ({
  spec: { managed: { services: { disabledDefaultServices } } },
});
ruleTest(readWriteServiceStays, [
  [disabled('ro', 'r')],
  [disabled('ro', 'rw'), `Invalid ${services}.disabledDefaultServices`],
]);

const service = (name: string, selector?: Record<string, string>): ManagedService => ({
  selectorType: 'rw',
  serviceTemplate: { metadata: { name }, ...(selector === undefined ? {} : { spec: { selector } }) },
});
const additional = (...list: ManagedService[]) => ({ spec: { managed: { services: { additional: list } } } });

ruleTest(additionalServices, [
  [additional(service('balancer'))],
  [
    additional({ selectorType: 'ro', serviceTemplate: {} }),
    `Invalid ${services}.additional[0].serviceTemplate.metadata.name`,
  ],
  ...['herd-rw', 'herd-ro', 'herd-r', 'herd-any'].map(
    (name) => [additional(service(name)), `Invalid ${services}.additional[0].serviceTemplate.metadata.name`] as const,
  ),
  [additional(service('a'), service('b', { app: 'x' })), `Invalid ${services}.additional[1]`],
]);

ruleTest(distinctServices, [
  [additional(service('a'), service('b'))],
  [additional(service('a'), service('a')), `Invalid ${services}.additional`],
]);

const roles = (...list: ManagedRole[]) => ({ spec: { managed: { roles: list } } });
ruleTest(distinctRoles, [
  [roles({ name: 'a' }, { name: 'b' })],
  [roles({ name: 'a' }, { name: 'a' }), 'Invalid spec.managed.roles'],
]);

ruleTest(managedRoles, [
  [roles({ name: 'app_reader', connectionLimit: -1, disablePassword: true })],
  ...['postgres', 'streaming_replica', 'pg_x', 'cnpg_x'].map(
    (name) => [roles({ name }), 'Invalid spec.managed.roles'] as const,
  ),
  [roles({ name: 'a', connectionLimit: -2 }), 'Invalid spec.managed.roles'],
  [roles({ name: 'a', disablePassword: true, passwordSecret: { name: 's' } }), 'Invalid spec.managed.roles'],
]);

const store = { barmanObjectStore: { destinationPath: 's3://b' } };
const plugins = (list: PluginConfiguration[], backup = {}): ClusterParts => ({ spec: { plugins: list, backup } });
const archiver = (name: string, enabled = true) => ({ name, enabled, isWALArchiver: true });
ruleTest(oneWalArchiver, [
  [plugins([archiver('a'), archiver('b', false), { name: 'c' }])],
  [plugins([archiver('a', false)], store)],
  [plugins([archiver('a'), archiver('b')]), 'Invalid spec.plugins'],
  [plugins([archiver('a')], store), 'Invalid spec.plugins'],
]);
