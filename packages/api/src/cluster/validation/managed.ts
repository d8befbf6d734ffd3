// Rules on managed services, roles and plugins.
import { each, type FieldError, invalid, repeated } from '../../validation/errors.ts';
import { isPluginEnabled } from '../effective/replication.ts';
import type { ManagedRole, ManagedService } from '../schema/managed.ts';
import type { ClusterRule } from './rule.ts';

const services = 'spec.managed.services';
const nameOf = ({ serviceTemplate }: ManagedService) => serviceTemplate.metadata?.name ?? '';

export const readWriteServiceStays: ClusterRule = ({ spec }) =>
  (spec.managed?.services?.disabledDefaultServices ?? []).includes('rw')
    ? [invalid(`${services}.disabledDefaultServices`, 'rw', 'remove rw: the instances reach the primary through it')]
    : [];

export const additionalServices: ClusterRule = ({ cluster, spec }) => {
  const taken = ['rw', 'ro', 'r', 'any'].map((type) => `${cluster.metadata.name}-${type}`);
  return each(spec.managed?.services?.additional, (service, index) => {
    const path = `${services}.additional[${index}]`;
    const name = nameOf(service);
    const errors: FieldError[] = [];
    if (name === '') errors.push(invalid(`${path}.serviceTemplate.metadata.name`, name, 'name the service'));
    if (taken.includes(name)) {
      const detail = 'choose another name: this one is that of a default service';
      errors.push(invalid(`${path}.serviceTemplate.metadata.name`, name, detail));
    }
    if (Object.keys(service.serviceTemplate.spec?.selector ?? {}).length > 0) {
      const { selector } = service.serviceTemplate.spec ?? {};
      errors.push(invalid(path, selector, 'serviceTemplate.spec.selector: remove it; selectorType says what to reach'));
    }
    return errors;
  });
};

export const distinctServices: ClusterRule = ({ spec }) =>
  repeated((spec.managed?.services?.additional ?? []).filter(nameOf), nameOf).map(([, service]) =>
    invalid(`${services}.additional`, nameOf(service), 'serviceTemplate.metadata.name: use each name once'),
  );

const roles = 'spec.managed.roles';

export const distinctRoles: ClusterRule = ({ spec }) =>
  repeated(spec.managed?.roles ?? [], ({ name }) => name).map(([, { name }]) =>
    invalid(roles, name, 'name: describe each role once'),
  );

const isReservedRole = (name: string) =>
  name === 'postgres' || name === 'streaming_replica' || /^(cnpg|pg)_/.test(name);

export const managedRoles: ClusterRule = ({ spec }) => each(spec.managed?.roles, roleErrors);

function roleErrors({ name, connectionLimit = -1, disablePassword, passwordSecret }: ManagedRole): FieldError[] {
  const errors: FieldError[] = [];
  if (isReservedRole(name)) {
    errors.push(
      invalid(roles, name, 'name: choose another; postgres, streaming_replica, pg_* and cnpg_* are reserved'),
    );
  }
  if (connectionLimit < -1) {
    errors.push(invalid(roles, connectionLimit, `connectionLimit of "${name}": use -1 (no limit) or more`));
  }
  if (disablePassword === true && passwordSecret !== undefined) {
    errors.push(invalid(roles, name, `keep passwordSecret or disablePassword of "${name}", not both`));
  }
  return errors;
}

export const oneWalArchiver: ClusterRule = ({ spec }) => {
  const archivers = (spec.plugins ?? []).filter((plugin) => isPluginEnabled(plugin) && plugin.isWALArchiver === true);
  const names = archivers.map(({ name }) => name);
  const errors: FieldError[] = [];
  if (archivers.length > 1) errors.push(invalid('spec.plugins', names, 'set isWALArchiver for one plugin only'));
  if (archivers.length > 0 && spec.backup?.barmanObjectStore !== undefined) {
    const detail = 'remove isWALArchiver or spec.backup.barmanObjectStore: the WAL has one archive';
    errors.push(invalid('spec.plugins', names, detail));
  }
  return errors;
};

export const managedRules: readonly ClusterRule[] = [
  readWriteServiceStays,
  additionalServices,
  distinctServices,
  distinctRoles,
  managedRoles,
  oneWalArchiver,
];
