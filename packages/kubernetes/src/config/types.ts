/** What proves who we are; asked for before each connection or request, so that it may change under way. */
export interface Credentials {
  token?: string;
  /** PEM client certificate and key. */
  cert?: string;
  key?: string;
  username?: string;
  password?: string;
}

/** Everything needed to reach an API server. */
export interface ClientConfig {
  /** `https://host:port`, optionally with a path prefix. */
  server: string;
  /** PEM bundle the server's certificate must chain to; the system's roots when absent. */
  ca?: string;
  /** Name to verify the server's certificate against instead of the host in `server`. */
  serverName?: string;
  insecureSkipTlsVerify?: boolean;
  /** Namespace used where the user names none. */
  namespace: string;
  impersonate?: { user: string; groups?: string[] };
  credentials: () => Credentials | Promise<Credentials>;
  /** Sent as User-Agent; the API server takes the default field manager from it. */
  userAgent?: string;
}
