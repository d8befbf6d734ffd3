import { parseTime } from '../../output/go-time.ts';
import { table } from '../../output/table.ts';
import type { StatusView } from '../model.ts';

const dayMs = 86_400_000;
/** Certificates with fewer days left than this are about to be renewed. */
const soonDays = 7;

/** Certificates Status. */
export function certificatesSection({ cluster, paint, now }: StatusView): string {
  const expirations = Object.entries(cluster.status?.certificates?.expirations ?? {}).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const days = expirations.map(([, text]) => ((parseTime(text)?.getTime() ?? 0) - now.getTime()) / dayMs);
  const colour = days.some((left) => left <= 0) ? 'red' : days.some((left) => left < soonDays) ? 'yellow' : 'green';
  const rows = expirations.map(([name, text], index) => [name, text, daysLeft(days[index] ?? 0)]);
  const title = paint(colour, 'Certificates Status');
  return `${title}\n${table(['Certificate Name', 'Expiration Date', 'Days Left Until Expiration'], rows)}`;
}

/** Cut off, not rounded: a certificate never looks as if it held longer than it does. */
function daysLeft(days: number): string {
  if (days <= 0) return 'Expired';
  const text = (Math.floor(days * 100) / 100).toFixed(2);
  return days < soonDays ? `${text} - Expires Soon` : text;
}
