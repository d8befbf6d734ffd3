import { barmanObjectStore } from '../../common/objectStore.ts';
import { pluginConfiguration } from '../../common/references.ts';
import { secretKeySelector } from '../../kubernetes/index.ts';
import { array, as, map, object, required, type Static, string } from '../../schema/nodes.ts';

const secretKey = (description: string) => as(secretKeySelector, description);

const externalCluster = object('A server outside this cluster.', {
  barmanObjectStore,
  connectionParameters: map(string(), 'Connection parameters of libpq, such as host, user and dbname.'),
  name: required(string('Name by which other fields refer to it.')),
  password: secretKey('Secret key with the password.'),
  plugin: as(pluginConfiguration, 'The plugin that reads its backups.'),
  sslCert: secretKey('Secret key with the client certificate.'),
  sslKey: secretKey('Secret key with the key of the client certificate.'),
  sslRootCert: secretKey('Secret key with the CA certificate of the server.'),
});
export type ExternalCluster = Static<typeof externalCluster>;

export const externalClusters = array(externalCluster, 'Servers outside this cluster that other fields refer to.');
