import { ruleTest } from '../../testing/cluster.ts';
import { imageName, imagePullPolicy, supportedVersion } from './image.ts';

const digest = `sha256:${'0a'.repeat(32)}`;
const image = (imageName: string) => ({ spec: { imageName } });

ruleTest(imageName, [
  [{}],
  [image('registry:5000/postgresql:17.2')],
  [image(`postgresql:17.2@${digest}`)],
  [image('postgresql:17beta1')],
  [image('postgresql'), 'Invalid spec.imageName'],
  [image('registry:5000/postgresql'), 'Invalid spec.imageName'],
  [image('postgresql:latest'), 'Invalid spec.imageName'],
  [image(`postgresql@${digest}`), 'Invalid spec.imageName'],
  [image('postgresql:bookworm'), 'Invalid spec.imageName'],
]);

const catalog = (major: number) => ({
  spec: { imageCatalogRef: { apiGroup: 'postgresql.cnpg.io', kind: 'ImageCatalog', name: 'images', major } },
});
ruleTest(supportedVersion, [
  [image('postgresql:13.0')],
  [image('postgresql:12.9'), 'Invalid spec.imageName'],
  [catalog(18)],
  [catalog(12), 'Invalid spec.imageName'],
]);

ruleTest(imagePullPolicy, [
  [{ spec: { imagePullPolicy: 'Always' } }],
  [{ spec: { imagePullPolicy: '' } }],
  [{ spec: { imagePullPolicy: 'always' } }, 'Invalid spec.imagePullPolicy'],
]);
