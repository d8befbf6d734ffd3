/** The run as lines of a few minutes each: a band for each fault, in it the time without an acknowledged write. */
import { escapeHtml } from './html.ts';
import { groupColours } from './report-style.ts';
import { type FaultResult, type RunResult, seconds } from './result.ts';

const lineMs = 300_000;
const width = 1160;
const left = 60;
const lineHeight = 34;
const bandHeight = 20;

interface Piece {
  readonly line: number;
  readonly x: number;
  readonly width: number;
}

/** Where a span of time lies: in one line, or in several. */
export function piecesOf(from: number, to: number): Piece[] {
  const scale = (width - left) / lineMs;
  const pieces: Piece[] = [];
  for (let line = Math.floor(from / lineMs); line * lineMs < to; line++) {
    const start = Math.max(from, line * lineMs);
    const end = Math.min(to, (line + 1) * lineMs);
    pieces.push({ line, x: left + (start - line * lineMs) * scale, width: (end - start) * scale });
  }
  return pieces;
}

export function renderTimeline({ startedAt, endedAt, results }: RunResult): string {
  const lines = Math.max(1, Math.ceil((endedAt - startedAt) / lineMs));
  const axes = Array.from({ length: lines }, (_, line) => {
    const y = line * lineHeight + bandHeight + 2;
    return `<text x="0" y="${y - 6}">${line * (lineMs / 60_000)} min</text><line x1="${left}" y1="${y}" x2="${width}" y2="${y}" class="axis"/>`;
  });
  return `<svg viewBox="0 0 ${width} ${lines * lineHeight}" width="100%">${axes.join('')}${results
    .map((result) => renderFault(result, startedAt))
    .join('')}</svg>`;
}

function renderFault(result: FaultResult, origin: number): string {
  const { kind, about, number, group, outage, healedMs = 0, problems, primaries } = result;
  const from = result.startedAt - origin;
  const to = Math.max(from + healedMs, outage.startedAt + outage.milliseconds - origin, from + 1000);
  const bands = piecesOf(from, to).map(
    ({ line, x, width }) =>
      `<rect x="${x.toFixed(1)}" y="${line * lineHeight}" width="${width.toFixed(1)}" height="${bandHeight}" fill="${groupColours[group]}" fill-opacity="0.55"${problems.length > 0 ? ' class="defect"' : ''}/>`,
  );
  const gaps = piecesOf(outage.startedAt - origin, outage.startedAt + outage.milliseconds - origin).map(
    ({ line, x, width }) =>
      `<rect x="${x.toFixed(1)}" y="${line * lineHeight + bandHeight - 5}" width="${Math.max(0.5, width).toFixed(1)}" height="5" class="gap"/>`,
  );
  const moved = primaries[0] === primaries[1] ? '' : `, primary ${primaries[0]} → ${primaries[1]}`;
  const words = `${number}: ${kind} (${about}), outage ${seconds(outage.milliseconds)}${moved}`;
  return `<g><title>${escapeHtml(words)}</title>${bands.join('')}${gaps.join('')}</g>`;
}
