import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** PEM texts of an authority, of a server and of the client `streaming_replica`. */
export interface TestCertificates {
  readonly authority: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const yearMs = 365 * 24 * 3600 * 1000;

/** Makes a small PKI; the server is called `pg-rw` and `localhost`. */
export async function makeCertificates(): Promise<TestCertificates> {
  cryptoProvider.set(crypto);
  const makeKeys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const dates = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + yearMs) };
  const authorityKeys = await makeKeys();
  const authority = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=pg',
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
    ...dates,
  });
  const issue = async (name: string, usage: ExtendedKeyUsage): Promise<[X509Certificate, string]> => {
    const keys = await makeKeys();
    const certificate = await X509CertificateGenerator.create({
      subject: `CN=${name}`,
      issuer: authority.subject,
      publicKey: keys.publicKey,
      signingKey: authorityKeys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new ExtendedKeyUsageExtension([usage]),
        new SubjectAlternativeNameExtension([
          { type: 'dns', value: name },
          { type: 'dns', value: 'localhost' },
        ]),
      ],
      ...dates,
    });
    const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
    return [certificate, key];
  };
  const [server, serverKey] = await issue('pg-rw', ExtendedKeyUsage.serverAuth);
  const [client, clientKey] = await issue('streaming_replica', ExtendedKeyUsage.clientAuth);
  return {
    authority: authority.toString('pem'),
    serverCertificate: server.toString('pem'),
    serverKey,
    clientCertificate: client.toString('pem'),
    clientKey,
  };
}
