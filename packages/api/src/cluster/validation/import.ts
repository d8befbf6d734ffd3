// Rules on the import of an existing server.
import { type FieldError, invalid } from '../../validation/errors.ts';
import type { Import } from '../schema/bootstrap.ts';
import type { ClusterRule } from './rule.ts';

const base = 'spec.bootstrap.initdb.import';

export const importType: ClusterRule = ({ spec }) => {
  const type = spec.bootstrap?.initdb?.import?.type;
  if (type === undefined || type === 'microservice' || type === 'monolith') return [];
  return [invalid(`${base}.type`, type, 'use microservice or monolith')];
};

export const microserviceImport: ClusterRule = ({ spec }) => {
  const from = spec.bootstrap?.initdb?.import;
  return from?.type === 'microservice' ? microserviceErrors(from) : [];
};

function microserviceErrors({ databases, roles }: Import): FieldError[] {
  const errors: FieldError[] = [];
  if (databases.length !== 1) {
    errors.push(invalid(`${base}.databases`, databases, 'name exactly one database; for several use type monolith'));
  }
  if (databases[0]?.includes('*')) {
    errors.push(invalid(`${base}.databases.0`, databases[0], 'name one database without *'));
  }
  if ((roles ?? []).length > 0) {
    errors.push(invalid(`${base}.roles`, roles, 'remove the roles; to import roles use type monolith'));
  }
  return errors;
}

export const monolithImport: ClusterRule = ({ spec }) => {
  const from = spec.bootstrap?.initdb?.import;
  return from?.type === 'monolith' ? monolithErrors(from) : [];
};

function monolithErrors({ databases, roles = [], postImportApplicationSQL = [] }: Import): FieldError[] {
  const errors: FieldError[] = [];
  if (databases.length === 0) errors.push(invalid(`${base}.databases`, databases, 'name databases, or * for all'));
  if (databases.length > 1 && databases.includes('*')) {
    errors.push(invalid(`${base}.databases`, databases, 'use * alone, or name the databases'));
  }
  if (roles.length > 1 && roles.includes('*')) {
    errors.push(invalid(`${base}.roles`, roles, 'use * alone, or name the roles'));
  }
  if (postImportApplicationSQL.length > 0) {
    const detail = 'remove it: a monolith import has no application database';
    errors.push(invalid(`${base}.postImportApplicationSQL`, postImportApplicationSQL, detail));
  }
  return errors;
}

export const importRules: readonly ClusterRule[] = [importType, microserviceImport, monolithImport];
