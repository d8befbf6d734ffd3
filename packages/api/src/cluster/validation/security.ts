// Rules on secrets, certificates and the service account.
import { type FieldError, invalid, isSet } from '../../validation/errors.ts';
import type { ClusterRule } from './rule.ts';

export const superuserSecret: ClusterRule = ({ spec }) =>
  spec.superuserSecret === undefined || isSet(spec.superuserSecret.name)
    ? []
    : [invalid('spec.superusersecret.name', '', 'name the Secret, or remove spec.superuserSecret')];

export const serverCertificate: ClusterRule = ({ spec }) => {
  const { serverTLSSecret, serverAltDNSNames = [], serverCASecret } = spec.certificates ?? {};
  if (!isSet(serverTLSSecret)) return [];
  const errors: FieldError[] = [];
  if (serverAltDNSNames.length > 0) {
    const detail = 'remove serverAltDNSNames: the certificate in serverTLSSecret has its own names';
    errors.push(invalid('spec.certificates.serveraltdnsnames', serverAltDNSNames, detail));
  }
  if (!isSet(serverCASecret)) {
    const detail = 'set serverCASecret to the Secret with the CA that signed serverTLSSecret';
    errors.push(invalid('spec.certificates.servercasecret', '', detail));
  }
  return errors;
};

export const replicationCertificate: ClusterRule = ({ spec }) => {
  const { replicationTLSSecret, clientCASecret } = spec.certificates ?? {};
  if (!isSet(replicationTLSSecret) || isSet(clientCASecret)) return [];
  const detail = 'set clientCASecret to the Secret with the CA that signed replicationTLSSecret';
  return [invalid('spec.certificates.clientcasecret', '', detail)];
};

export const serviceAccount: ClusterRule = ({ spec }) => {
  if (!isSet(spec.serviceAccountName) || spec.serviceAccountTemplate === undefined) return [];
  const detail = 'remove it or serviceAccountTemplate: an existing ServiceAccount takes no template';
  return [invalid('spec.serviceAccountName', spec.serviceAccountName, detail)];
};

export const securityRules: readonly ClusterRule[] = [
  superuserSecret,
  serverCertificate,
  replicationCertificate,
  serviceAccount,
];
