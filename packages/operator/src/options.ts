import { parseArgs } from 'node:util';
import { isLogLevel, type LogLevel } from './log.ts';

/** Flags of the verb `controller`. */
export interface ControllerOptions {
  leaderElect: boolean;
  maxConcurrentReconciles: number;
  configMapName: string;
  secretName: string;
  webhookPort: number;
  metricsPort: number;
  logLevel: LogLevel;
  levelField: string | undefined;
  timeField: string | undefined;
  kubeconfig: string | undefined;
}

export const usage = `usage: operator controller [options]
  --leader-elect                     work only while holding the Lease
  --max-concurrent-reconciles=N      clusters worked on at the same time (10)
  --config-map-name=NAME             ConfigMap with settings, in the operator's namespace
  --secret-name=NAME                 Secret with settings, in the operator's namespace
  --webhook-port=PORT                port of webhooks and readiness (9443)
  --metrics-bind-address=:PORT       port of the metrics (8080)
  --log-level=LEVEL                  error, warning, info, debug or trace (info)
  --log-field-level=KEY              key of the level in log lines (level)
  --log-field-timestamp=KEY          key of the time in log lines (ts)
  --kubeconfig=FILE                  talk to the cluster of this file instead of the pod's own`;

export function parseOptions(args: readonly string[]): ControllerOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      'leader-elect': { type: 'boolean', default: false },
      'max-concurrent-reconciles': { type: 'string', default: '10' },
      'config-map-name': { type: 'string', default: '' },
      'secret-name': { type: 'string', default: '' },
      'webhook-port': { type: 'string', default: '9443' },
      'metrics-bind-address': { type: 'string', default: ':8080' },
      'log-level': { type: 'string', default: 'info' },
      'log-field-level': { type: 'string' },
      'log-field-timestamp': { type: 'string' },
      kubeconfig: { type: 'string' },
    },
  });
  if (positionals.length !== 1 || positionals[0] !== 'controller') throw new Error(usage);
  const level = values['log-level'];
  if (!isLogLevel(level)) throw new Error(`--log-level: "${level}": must be error, warning, info, debug or trace`);
  return {
    leaderElect: values['leader-elect'],
    maxConcurrentReconciles: wholeNumber('--max-concurrent-reconciles', values['max-concurrent-reconciles']),
    configMapName: values['config-map-name'],
    secretName: values['secret-name'],
    webhookPort: wholeNumber('--webhook-port', values['webhook-port']),
    metricsPort: wholeNumber('--metrics-bind-address', values['metrics-bind-address'].replace(/^.*:/, '')),
    logLevel: level,
    levelField: values['log-field-level'],
    timeField: values['log-field-timestamp'],
    kubeconfig: values.kubeconfig,
  };
}

function wholeNumber(flag: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`${flag}: "${text}": must be a whole number`);
  return Number(text);
}
