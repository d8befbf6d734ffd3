/** Counters of the operator under the names that dashboards know, written in the text format of Prometheus. */
export interface Metrics {
  reconciled(controller: string, result: ReconcileOutcome): void;
  webhookAnswered(path: string, code: number): void;
  leading(isLeader: boolean): void;
  text(): string;
}

export type ReconcileOutcome = 'success' | 'error' | 'requeue_after' | 'requeue';

const outcomes: readonly ReconcileOutcome[] = ['success', 'error', 'requeue', 'requeue_after'];

export function createMetrics(options: { controllers: readonly string[]; webhooks: readonly string[] }): Metrics {
  const reconciles = new Map<string, number>();
  const webhooks = new Map<string, number>();
  let leader = 0;
  // All series are there from the start, so that a rate can be taken of the first event.
  for (const controller of options.controllers) {
    for (const result of outcomes) reconciles.set(labels({ controller, result }), 0);
  }
  for (const webhook of options.webhooks) webhooks.set(labels({ code: '200', webhook }), 0);
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  return {
    reconciled: (controller, result) => void count(reconciles, labels({ controller, result })),
    webhookAnswered: (webhook, code) => void count(webhooks, labels({ code: String(code), webhook })),
    leading: (isLeader) => {
      leader = isLeader ? 1 : 0;
    },
    text: () =>
      [
        ...family('controller_runtime_reconcile_total', 'counter', 'Reconciles by controller and result', reconciles),
        ...family(
          'controller_runtime_webhook_requests_total',
          'counter',
          'Admission requests by path and code',
          webhooks,
        ),
        ...family(
          'leader_election_master_status',
          'gauge',
          'Whether this process leads',
          new Map([[labels({ name: 'db9c8771.cnpg.io' }), leader]]),
        ),
        ...family(
          'process_resident_memory_bytes',
          'gauge',
          'Memory in use',
          new Map([['', process.memoryUsage.rss()]]),
        ),
        '',
      ].join('\n'),
  };
}

function labels(pairs: Readonly<Record<string, string>>): string {
  return `{${Object.entries(pairs)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')}}`;
}

function family(name: string, type: string, help: string, series: ReadonlyMap<string, number>): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...[...series].map(([key, value]) => `${name}${key} ${value}`),
  ];
}
