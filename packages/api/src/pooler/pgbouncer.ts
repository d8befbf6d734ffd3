import { localReference } from '../common/references.ts';
import { array, as, boolean, map, object, required, type Static, string } from '../schema/nodes.ts';

const secret = (description: string) => as(localReference, description);

const imageCatalogRef = object(
  'The image catalog that names the image, instead of image.',
  {
    apiGroup: string('Group of the catalog: postgresql.cnpg.io.'),
    key: required(
      string('Key among the componentImages of the catalog.', {
        maxLength: 63,
        pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
      }),
    ),
    kind: required(string('ImageCatalog or ClusterImageCatalog.')),
    name: required(string('Name of the catalog.')),
  },
  {
    mapType: 'atomic',
    rules: [
      {
        rule: "self.kind == 'ImageCatalog' || self.kind == 'ClusterImageCatalog'",
        message: 'Only ImageCatalog and ClusterImageCatalog are supported',
      },
      { rule: "self.apiGroup == 'postgresql.cnpg.io'", message: 'apiGroup must be postgresql.cnpg.io' },
    ],
  },
);

export const pgbouncer = object(
  'Configuration of PgBouncer.',
  {
    authQuery: string('Query that finds the password of a user.'),
    authQuerySecret: secret('Secret with the user that runs authQuery. Deprecated: use serverTLSSecret.'),
    clientCASecret: secret('Secret with the CA of client certificates.'),
    clientTLSSecret: secret('Secret with the certificate shown to clients.'),
    image: string('Image of PgBouncer.'),
    imageCatalogRef,
    parameters: map(string(), 'Parameters of pgbouncer.ini.'),
    paused: boolean('Hold the clients back for now.', { default: false }),
    pg_hba: array(string(), 'Lines for the hba file of PgBouncer.'),
    poolMode: string('When a server connection goes back to the pool.', {
      enum: ['session', 'transaction'],
      default: 'session',
    }),
    serverCASecret: secret('Secret with the CA of the PostgreSQL servers.'),
    serverTLSSecret: secret('Secret with the certificate shown to the PostgreSQL servers.'),
  },
  {
    rules: [
      {
        rule: '!(has(self.image) && has(self.imageCatalogRef))',
        message: 'image and imageCatalogRef are mutually exclusive',
      },
    ],
  },
);
export type PgBouncerConfiguration = Static<typeof pgbouncer>;
