import { appliedStatus, clusterReference, fixedName, reclaimPolicy } from '../common/databaseObject.ts';
import {
  type apiVersion,
  databaseObjectColumns,
  immutable,
  type KindDefinition,
  type NamespacedMeta,
} from '../schema/kind.ts';
import { array, boolean, map, object, required, type Static, string } from '../schema/nodes.ts';

const publicationObject = object(
  'A table, or all tables of a schema.',
  {
    table: object('A table.', {
      columns: array(string(), 'Columns to publish. Empty: all.'),
      name: required(string('Its name.')),
      only: boolean('Leave out the tables that inherit from it.'),
      schema: string('Its schema.'),
    }),
    tablesInSchema: string('Schema whose tables are all published.'),
  },
  {
    rules: [
      {
        rule: '(has(self.tablesInSchema) && !has(self.table)) || (!has(self.tablesInSchema) && has(self.table))',
        message: 'tablesInSchema and table are mutually exclusive',
      },
    ],
  },
);
export type PublicationObject = Static<typeof publicationObject>;

const target = object(
  'What is published.',
  {
    allTables: boolean('All tables of the database.', { rules: [immutable('allTables')] }),
    objects: array(publicationObject, 'Some tables and schemas.', {
      maxItems: 100000,
      rules: [
        {
          rule: '!(self.exists(o, has(o.table) && has(o.table.columns)) && self.exists(o, has(o.tablesInSchema)))',
          message: 'specifying a column list when the publication also publishes tablesInSchema is not supported',
        },
      ],
    }),
  },
  {
    rules: [
      {
        rule: '(has(self.allTables) && !has(self.objects)) || (!has(self.allTables) && has(self.objects))',
        message: 'allTables and objects are mutually exclusive',
      },
    ],
  },
);

export const publicationSpec = object('What the publication should be.', {
  cluster: required(clusterReference),
  dbname: required(fixedName('dbname', 'Database that holds it.')),
  name: required(fixedName('name', 'Its name in PostgreSQL.')),
  parameters: map(string(), 'Parameters of CREATE PUBLICATION.'),
  publicationReclaimPolicy: reclaimPolicy,
  target: required(target),
});
export type PublicationSpec = Static<typeof publicationSpec>;

export const publicationStatus = object('What the publication is.', appliedStatus);
export type PublicationStatus = Static<typeof publicationStatus>;

export interface Publication {
  apiVersion?: typeof apiVersion;
  kind?: 'Publication';
  metadata: NamespacedMeta;
  spec: PublicationSpec;
  status?: PublicationStatus;
}

export const publicationKind: KindDefinition = {
  kind: 'Publication',
  plural: 'publications',
  singular: 'publication',
  scope: 'Namespaced',
  description: 'A publication of logical replication inside a cluster.',
  spec: publicationSpec,
  status: publicationStatus,
  statusSubresource: true,
  columns: databaseObjectColumns,
};
