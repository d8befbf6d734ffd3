import { ruleTest } from '../../testing/cluster.ts';
import { replicationCertificate, serverCertificate, serviceAccount, superuserSecret } from './security.ts';

ruleTest(superuserSecret, [
  [{}],
  [{ spec: { superuserSecret: { name: 'boss' } } }],
  [{ spec: { superuserSecret: { name: '' } } }, 'Invalid spec.superusersecret.name'],
]);

ruleTest(serverCertificate, [
  [{ spec: { certificates: { serverAltDNSNames: ['db.example'] } } }],
  [{ spec: { certificates: { serverTLSSecret: 'tls', serverCASecret: 'ca' } } }],
  [
    { spec: { certificates: { serverTLSSecret: 'tls', serverAltDNSNames: ['db.example'] } } },
    'Invalid spec.certificates.serveraltdnsnames',
    'Invalid spec.certificates.servercasecret',
  ],
]);

ruleTest(replicationCertificate, [
  [{ spec: { certificates: { replicationTLSSecret: 'tls', clientCASecret: 'ca' } } }],
  [{ spec: { certificates: { replicationTLSSecret: 'tls' } } }, 'Invalid spec.certificates.clientcasecret'],
]);

const serviceAccountTemplate = { metadata: {} };
ruleTest(serviceAccount, [
  [{ spec: { serviceAccountTemplate } }],
  [{ spec: { serviceAccountName: 'sa' } }],
  [{ spec: { serviceAccountName: 'sa', serviceAccountTemplate } }, 'Invalid spec.serviceAccountName'],
]);
