// How long a client that writes a row every 10 ms through -rw waits when the primary of three instances is lost or moved.
// Usage: node bench/failover.ts [runs] [--peer none|default|tight|all] [--only NAME]
// NAME is the beginning of a scenario's name; with --peer, of a peer's event too.
import { parseArguments } from './failover/arguments.ts';
import { measure } from './failover/measure.ts';
import { scenarios } from './failover/scenarios/index.ts';
import { report } from './support.ts';

const options = parseArguments(process.argv.slice(2));
const rows = [];
for (const scenario of scenarios.filter(({ name }) => name.startsWith(options.only))) {
  rows.push(...(await measure(scenario, options.runs)));
}
report(options.command, rows);
