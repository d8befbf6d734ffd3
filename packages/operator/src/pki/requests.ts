/** A certificate signed by the CA in a Secret, to be put into another Secret. */
export interface LeafRequest {
  /** Secret that gets tls.crt and tls.key. */
  secret: string;
  ca: string;
  commonName: string;
  usage: 'serverAuth' | 'clientAuth';
  altNames: readonly string[];
  /** The Secret exists: keep its key. */
  renew: boolean;
  labels?: Readonly<Record<string, string>>;
}
