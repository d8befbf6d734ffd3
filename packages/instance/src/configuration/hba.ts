/** The LDAP stanza with its bind password already read from the Secret. */
export interface LdapSettings {
  readonly server: string;
  readonly port?: number | undefined;
  readonly scheme?: string | undefined;
  readonly tls?: boolean | undefined;
  readonly asAuth?: { prefix?: string | undefined; suffix?: string | undefined } | undefined;
  readonly searchAuth?:
    | {
        baseDN?: string | undefined;
        bindDN?: string | undefined;
        bindPassword?: string | undefined;
        searchAttribute?: string | undefined;
        searchFilter?: string | undefined;
      }
    | undefined;
}

export interface HbaInput {
  readonly major: number;
  readonly rules: readonly string[];
  /** Addresses behind each name of `${podselector:NAME}`. */
  readonly selectors: Readonly<Record<string, readonly string[]>>;
  readonly ldap: LdapSettings | undefined;
}

/** pg_hba.conf: our own access first, then the user's rules, then passwords for everybody else. */
export function renderHba(input: HbaInput): string {
  const lines = [
    'local all cnpg_metrics_exporter peer map=cnpg_metrics_exporter',
    'local all all peer map=local',
    'hostssl postgres streaming_replica all cert map=cnpg_streaming_replica',
    'hostssl replication streaming_replica all cert map=cnpg_streaming_replica',
    'hostssl all cnpg_pooler_pgbouncer all cert map=cnpg_pooler_pgbouncer',
    ...input.rules.flatMap((rule) => expandSelectors(rule, input.selectors)),
    ...(input.ldap === undefined ? [] : [ldapLine(input.ldap)]),
    `host all all all ${input.major < 14 ? 'md5' : 'scram-sha-256'}`,
  ];
  return `${lines.join('\n')}\n`;
}

const selectorAddress = /\$\{podselector:([^}]*)\}/;

/** One line per address of the named pods; none when there is no such pod, so that nobody else gets in by it. */
function expandSelectors(rule: string, selectors: Readonly<Record<string, readonly string[]>>): string[] {
  const match = selectorAddress.exec(rule);
  if (match === null) return [rule];
  const addresses = selectors[match[1] ?? ''] ?? [];
  return addresses.map((address) => rule.replace(match[0], `${address}/${address.includes(':') ? 128 : 32}`));
}

function ldapLine(ldap: LdapSettings): string {
  const options: [string, string | undefined][] = [
    ['ldapserver', ldap.server],
    ['ldapport', ldap.port === undefined || ldap.port === 0 ? undefined : String(ldap.port)],
    ['ldapscheme', ldap.scheme],
    ['ldaptls', ldap.tls === true ? '1' : undefined],
    ['ldapprefix', ldap.asAuth?.prefix],
    ['ldapsuffix', ldap.asAuth?.suffix],
    ['ldapbasedn', ldap.searchAuth?.baseDN],
    ['ldapbinddn', ldap.searchAuth?.bindDN],
    ['ldapbindpasswd', ldap.searchAuth?.bindPassword],
    ['ldapsearchfilter', ldap.searchAuth?.searchFilter],
    ['ldapsearchattribute', ldap.searchAuth?.searchAttribute],
  ];
  const written = options.filter(([, value]) => value !== undefined && value !== '');
  return `host all all 0.0.0.0/0 ldap ${written.map(([name, value]) => `${name}=${quoteToken(value ?? '')}`).join(' ')}`;
}

/** A token of pg_hba.conf may hold anything but a line break between double quotes, which are doubled inside. */
function quoteToken(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}

/** pg_ident.conf: the user that runs postgres may connect as our own roles over the socket. */
export function renderIdent(systemUser: string, rules: readonly string[]): string {
  const lines = [
    `local ${systemUser} postgres`,
    'cnpg_streaming_replica streaming_replica streaming_replica',
    'cnpg_pooler_pgbouncer cnpg_pooler_pgbouncer cnpg_pooler_pgbouncer',
    `cnpg_metrics_exporter ${systemUser} cnpg_metrics_exporter`,
    ...rules,
  ];
  return `${lines.join('\n')}\n`;
}
