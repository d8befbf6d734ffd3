/** What a probe answers; a failure carries the reason that the kubelet shows. */
export type ProbeResult =
  | { readonly ok: true; readonly note?: string }
  | { readonly ok: false; readonly reason: string };

export const passed: ProbeResult = { ok: true };

export function failed(reason: string): ProbeResult {
  return { ok: false, reason };
}

export type ProbeStrategy = 'pg_isready' | 'query' | 'streaming';
