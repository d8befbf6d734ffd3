import type { FaultGroup } from './kinds/kind.ts';

export const groupColours: Readonly<Record<FaultGroup, string>> = {
  kill: '#d9534f',
  freeze: '#3f8fd2',
  cut: '#e0a030',
  delete: '#8e6bbf',
  restart: '#5a9e6f',
  disk: '#8a6d3b',
};

export const stylesheet = `
:root { color-scheme: light dark; --line: #8885; --text: #222; --soft: #666; --back: #fff; --outage: #111; }
@media (prefers-color-scheme: dark) { :root { --text: #ddd; --soft: #999; --back: #181818; --outage: #fff; } }
body { font: 14px/1.5 system-ui, sans-serif; max-width: 1200px; margin: 2rem auto; padding: 0 1rem; color: var(--text); background: var(--back); }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin: 1rem 0; }
.figures div { color: var(--soft); } .figures b { display: block; font-size: 1.6rem; color: var(--text); }
.good { color: #2e8b57; font-weight: 600; } .bad > li { color: #c9302c; font-weight: 600; } .bad ul { font-weight: 400; }
.legend i { display: inline-block; width: 12px; height: 12px; margin: 0 4px 0 12px; vertical-align: -1px; opacity: 0.7; }
.legend i.outage { background: var(--outage); height: 5px; vertical-align: 3px; opacity: 1; }
svg { display: block; } svg text { fill: var(--soft); font-size: 11px; } .axis { stroke: var(--line); } .gap { fill: var(--outage); }
.defect { fill: none; stroke: #c9302c; stroke-width: 2; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 3px 8px; border-bottom: 1px solid var(--line); vertical-align: middle; }
th { color: var(--soft); font-weight: 500; } th:first-child, td:first-child { text-align: left; }
details table td:nth-child(2), details table td:nth-child(3), details table td:last-child { text-align: left; }
summary { cursor: pointer; }
`;
