import { askManager } from './local.ts';

/** Prints what `/pg/status` says of this instance. */
export async function status(): Promise<number> {
  const answer = await askManager('/pg/status', 10_000);
  const out = answer.status === 200 ? process.stdout : process.stderr;
  out.write(`${answer.body}\n`);
  return answer.status === 200 ? 0 : 1;
}
