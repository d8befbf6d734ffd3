/**
 * The packet filter's rules that cut connections between two parties, as text for `nft -f`.
 *
 * All packets are of the loopback and all connections to pods arrive from 127.0.0.1, so addresses alone do not tell who
 * opened one. The sender does: each pod's processes are in a class of the `net_cls` control group, and their packets carry
 * it. Every packet of a connection passes the output hook with its sender, so both ends mark the connection as theirs in
 * the connection tracker; one that belongs to both parties is dropped. Marks of an earlier cut are told by its number.
 */

/** One end: packets are of this party when one of these expressions of nft matches. */
export interface Party {
  readonly name: string;
  readonly matches: readonly string[];
}

export interface Cut {
  readonly left: Party;
  readonly right: Party;
  /** Whose packets are lost: those of both, or those that the left one sends. */
  readonly lost: 'both' | 'sent by left';
}

/** Processes of a class, reached at an address where there is one. */
export function podParty(name: string, classId: number, ip: string): Party {
  return { name, matches: [sender(classId), ...address(ip)] };
}

/** A server at one address and port, whoever it is. */
export function serverParty(name: string, ip: string, port: number): Party {
  const at = (end: string, side: string) => `ip ${side} ${ip} tcp ${end} ${port}`;
  return { name, matches: [at('dport', 'daddr'), at('sport', 'saddr')] };
}

/** All addresses of a network, such as those of Services. */
export function networkParty(name: string, cidr: string): Party {
  return { name, matches: address(cidr) };
}

/** Connections that the Service network opens to PostgreSQL; it is one process with the API server. */
export function proxyParty(name: string, classId: number): Party {
  return { name, matches: [`${sender(classId)} tcp dport 5432`] };
}

/** Processes of a class that are reached nowhere. */
export function clientParty(name: string, classId: number): Party {
  return { name, matches: [sender(classId)] };
}

const sender = (classId: number) => `meta cgroup ${classId}`;
const address = (ip: string) => (ip === '' ? [] : [`ip daddr ${ip}`, `ip saddr ${ip}`]);

const numberMask = 0xff_ff_00_00;
const mostParties = 16;

/** The whole table. `number` differs from cut to cut; only so are marks of earlier ones not taken for this one's. */
export function cutTable(table: string, number: number, cuts: readonly Cut[]): string {
  const parties = [...new Map(cuts.flatMap(({ left, right }) => [left, right]).map((p) => [p.name, p])).values()];
  if (parties.length > mostParties)
    throw new RangeError(`${parties.length} parties: marks have room for ${mostParties}`);
  const bit = (party: Party) => 1 << parties.findIndex(({ name }) => name === party.name);
  const base = ((number & 0xffff) << 16) >>> 0;
  const marks = parties.flatMap((party) =>
    party.matches.map((match) => `    ${match} ct mark set ct mark | ${hex(bit(party))}`),
  );
  const drops = cuts.map(({ left, right, lost }) => {
    const both = bit(left) | bit(right);
    const from = lost === 'both' ? '' : ` ${left.matches[0]}`;
    return `    ct mark & ${hex(both)} == ${hex(both)}${from} drop`;
  });
  return [
    `table inet ${table} {`,
    '  chain output {',
    '    type filter hook output priority 0; policy accept;',
    '    oifname != "lo" accept',
    `    ct mark & ${hex(numberMask)} != ${hex(base)} ct mark set ${hex(base)}`,
    ...marks,
    ...drops,
    '  }',
    '}',
    '',
  ].join('\n');
}

const hex = (value: number) => `0x${(value >>> 0).toString(16)}`;
