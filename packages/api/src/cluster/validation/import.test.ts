import { ruleTest } from '../../testing/cluster.ts';
import type { Import } from '../schema/bootstrap.ts';
import { importType, microserviceImport, monolithImport } from './import.ts';

const imports = (type: string, databases: string[], rest: Partial<Import> = {}) => ({
  spec: {
    bootstrap: {
      initdb: { import: { type: type as Import['type'], databases, source: { externalCluster: 'old' }, ...rest } },
    },
  },
});
const wrong = (path: string) => `Invalid spec.bootstrap.initdb.import.${path}`;

ruleTest(importType, [[imports('monolith', ['*'])], [imports('all', ['*']), wrong('type')]]);

ruleTest(microserviceImport, [
  [imports('microservice', ['shop'])],
  [imports('monolith', ['a', 'b'])],
  [imports('microservice', []), wrong('databases')],
  [imports('microservice', ['a', 'b']), wrong('databases')],
  [imports('microservice', ['a*']), wrong('databases.0')],
  [imports('microservice', ['a'], { roles: ['r'] }), wrong('roles')],
]);

ruleTest(monolithImport, [
  [imports('monolith', ['*'], { roles: ['*'] })],
  [imports('microservice', [])],
  [imports('monolith', []), wrong('databases')],
  [imports('monolith', ['*', 'a'], { roles: ['r', '*'] }), wrong('databases'), wrong('roles')],
  [imports('monolith', ['a'], { postImportApplicationSQL: ['SELECT 1'] }), wrong('postImportApplicationSQL')],
]);
