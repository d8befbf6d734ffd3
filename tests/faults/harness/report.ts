/** The page of a run: one file of HTML with drawings in it, and nothing from elsewhere. */
import { escapeHtml, table } from './html.ts';
import { groupColours, stylesheet } from './report-style.ts';
import { renderTimeline } from './report-timeline.ts';
import { type FaultResult, type RunResult, seconds } from './result.ts';

export function renderReport(run: RunResult): string {
  const title = `${run.results.length} faults of seed ${run.seed}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${stylesheet}</style>
</head>
<body>
<h1>${title}</h1>
<p>${new Date(run.startedAt).toISOString()}, ${Math.round((run.endedAt - run.startedAt) / 60_000)} minutes.
${run.leftOut.map(escapeHtml).join(' ')}</p>
${renderSummary(run.results)}
${renderDefects(run.results)}
<h2>Faults and write outages</h2>
<p class="legend">${legend()}</p>
${renderTimeline(run)}
<h2>By kind</h2>
${renderKinds(run.results)}
<h2>Every fault</h2>
<details><summary>${run.results.length} faults</summary>${renderFaults(run.results)}</details>
</body>
</html>
`;
}

const total = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);
const outages = (results: readonly FaultResult[]) => results.map(({ outage }) => outage.milliseconds);

/** The middle one; of an even number, the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return (upper + lower) / 2;
}

function renderSummary(results: readonly FaultResult[]): string {
  const moves = results.filter(({ primaries: [before, after] }) => before !== after).length;
  const figures: [string, string][] = [
    ['rows acknowledged', total(results.map(({ acknowledged }) => acknowledged)).toLocaleString('en')],
    ['rows lost', String(total(results.map(({ lost }) => lost)))],
    ['faults with defects', String(results.filter(({ problems }) => problems.length > 0).length)],
    ['changes of the primary', String(moves)],
    ['median outage', seconds(median(outages(results)))],
    ['longest outage', seconds(Math.max(0, ...outages(results)))],
  ];
  const cell = ([name, value]: [string, string]) => `<div><b>${value}</b>${name}</div>`;
  return `<div class="figures">${figures.map(cell).join('')}</div>`;
}

function renderDefects(results: readonly FaultResult[]): string {
  const bad = results.filter(({ problems }) => problems.length > 0);
  if (bad.length === 0) return '<p class="good">No defect was found.</p>';
  const items = bad.map(
    ({ number, kind, about, problems }) =>
      `<li>${number}: ${escapeHtml(kind)} (${escapeHtml(about)})<ul>${problems.map((text) => `<li>${escapeHtml(text)}</li>`).join('')}</ul></li>`,
  );
  return `<h2>Defects</h2><ul class="bad">${items.join('')}</ul>`;
}

function legend(): string {
  const entries = Object.entries(groupColours).map(([name, colour]) => `<i style="background:${colour}"></i>${name}`);
  return `${entries.join(' ')} <i class="outage"></i>no write acknowledged. A band ends when everything has healed.`;
}

function renderKinds(results: readonly FaultResult[]): string {
  const kinds = Map.groupBy(results, ({ kind }) => kind);
  const longest = Math.max(1000, ...outages(results));
  const rows = [...kinds]
    .sort(([, a], [, b]) => median(outages(b)) - median(outages(a)))
    .map(([kind, of]) => {
      const healed = of.flatMap(({ healedMs }) => healedMs ?? []);
      const cells = [
        of.length,
        seconds(median(outages(of))),
        seconds(Math.max(...outages(of))),
        healed.length === 0 ? '-' : seconds(median(healed)),
        of.filter(({ primaries: [before, after] }) => before !== after).length,
        Math.round(Math.max(...of.map(({ overlapMs }) => overlapMs))),
        total(of.map(({ lost }) => lost)),
        of.filter(({ problems }) => problems.length > 0).length,
      ];
      return [escapeHtml(kind), ...cells, strip(of, longest)];
    });
  const heads = [
    'kind',
    'faults',
    'median outage',
    'longest',
    'median healing',
    'primary moved',
    'two wrote, ms',
    'rows lost',
    'defects',
    `outages, 0 to ${seconds(longest)}`,
  ];
  return table(heads, rows);
}

/** One dot for each outage. */
function strip(results: readonly FaultResult[], longest: number): string {
  const width = 240;
  const dots = results.map(({ outage, group }) => {
    const x = 4 + (outage.milliseconds / longest) * (width - 8);
    return `<circle cx="${x.toFixed(1)}" cy="8" r="3" fill="${groupColours[group]}" fill-opacity="0.6"/>`;
  });
  return `<svg width="${width}" height="16"><line x1="0" y1="8" x2="${width}" y2="8" class="axis"/>${dots.join('')}</svg>`;
}

function renderFaults(results: readonly FaultResult[]): string {
  const rows = results.map(({ number, kind, about, outage, healedMs, acknowledged, unknown, primaries, problems }) => {
    const [before, after] = primaries;
    return [
      number,
      escapeHtml(kind),
      escapeHtml(about),
      seconds(outage.milliseconds),
      healedMs === undefined ? 'never' : seconds(healedMs),
      acknowledged,
      unknown,
      before === after ? before : `${before} → ${after}`,
      problems.map(escapeHtml).join('; '),
    ];
  });
  const heads = ['', 'kind', 'about', 'outage', 'healed', 'rows', 'unknown outcome', 'primary', 'defects'];
  return table(heads, rows);
}
