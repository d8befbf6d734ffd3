// How long a client that writes a row every 10 ms through -rw waits when the primary of three instances is lost or moved.
// Usage: node bench/failover.ts [runs] [--peer none|default|tight|all] [--only NAME] [--trace]
// NAME is the beginning of a scenario's name (bench/failover/scenarios); `--only patroni` measures the peer alone.
import { parseArguments } from './failover/arguments.ts';
import { measure } from './failover/measure.ts';
import { measurePatroni } from './failover/patroni.ts';
import { scenarios } from './failover/scenarios/index.ts';
import { type Row, report } from './support.ts';

const options = parseArguments(process.argv.slice(2));
const rows: Row[] = [];
for (const scenario of scenarios.filter(({ name }) => name.startsWith(options.only))) {
  rows.push(...(await measure(scenario, options)));
}
for (const peer of options.peers) rows.push(...(await measurePatroni(peer, options.runs, options.only)));
report(options.command, rows);
