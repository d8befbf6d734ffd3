import { extensions } from '../common/extensions.ts';
import {
  ageColumn,
  type apiVersion,
  type ClusterScopedMeta,
  type KindDefinition,
  type NamespacedMeta,
} from '../schema/kind.ts';
import { array, integer, object, required, type Static, string } from '../schema/nodes.ts';

const catalogImage = object('The image of one major version.', {
  extensions,
  image: required(string('The image.')),
  major: required(integer('Major version of PostgreSQL.', { minimum: 10 })),
});
export type CatalogImage = Static<typeof catalogImage>;

const componentImage = object('The image of another component.', {
  image: required(string('The image.')),
  key: required(
    string('Key by which other objects refer to it.', { maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' }),
  ),
});

export const imageCatalogSpec = object('The images.', {
  componentImages: array(componentImage, 'Images of other components, such as PgBouncer.', {
    maxItems: 32,
    listType: 'map',
    listMapKeys: ['key'],
    rules: [
      {
        rule: 'self.all(e, self.filter(f, f.key==e.key).size() == 1)',
        message: 'Component image keys must be unique',
      },
    ],
  }),
  images: required(
    array(catalogImage, 'Images of PostgreSQL, one for each major version.', {
      minItems: 1,
      maxItems: 8,
      rules: [
        {
          rule: 'self.all(e, self.filter(f, f.major==e.major).size() == 1)',
          message: 'Images must have unique major versions',
        },
      ],
    }),
  ),
});
export type ImageCatalogSpec = Static<typeof imageCatalogSpec>;

export interface ImageCatalog {
  apiVersion?: typeof apiVersion;
  kind?: 'ImageCatalog';
  metadata: NamespacedMeta;
  spec: ImageCatalogSpec;
}
export interface ClusterImageCatalog {
  apiVersion?: typeof apiVersion;
  kind?: 'ClusterImageCatalog';
  metadata: ClusterScopedMeta;
  spec: ImageCatalogSpec;
}

const common = { spec: imageCatalogSpec, statusSubresource: false, columns: [ageColumn] } as const;

export const imageCatalogKind: KindDefinition = {
  kind: 'ImageCatalog',
  plural: 'imagecatalogs',
  singular: 'imagecatalog',
  scope: 'Namespaced',
  description: 'Images by major version, for the clusters of one namespace.',
  ...common,
};

export const clusterImageCatalogKind: KindDefinition = {
  kind: 'ClusterImageCatalog',
  plural: 'clusterimagecatalogs',
  singular: 'clusterimagecatalog',
  scope: 'Cluster',
  description: 'Images by major version, for the clusters of all namespaces.',
  ...common,
};
