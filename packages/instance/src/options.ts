import type { Environment, Layout } from './paths.ts';
import { containerLayout } from './paths.ts';

export type LogLevel = 'error' | 'warning' | 'info' | 'debug' | 'trace';

export interface LogOptions {
  readonly level: LogLevel;
  readonly fieldLevel: string;
  readonly fieldTimestamp: string;
}

/** What one manager process is told by its flags and environment; fixed for its life. */
export interface InstanceOptions {
  readonly podName: string;
  readonly clusterName: string;
  readonly namespace: string;
  readonly layout: Layout;
  readonly statusTls: boolean;
  readonly metricsTls: boolean;
  /** The only address this pod may listen on; undefined = all of them. */
  readonly bindAddress: string | undefined;
  /** Hosts file of the Services, kept by the embedded node. */
  readonly hostsFile: string | undefined;
  readonly standbyTcpUserTimeout: string;
  readonly log: LogOptions;
}

export interface ParsedArguments {
  readonly flags: ReadonlyMap<string, string>;
  readonly positional: readonly string[];
}

/** Splits `--name=value`, `--name value` and `--switch` (names listed in `switches`) from the rest. */
export function parseArguments(argv: readonly string[], switches: readonly string[] = knownSwitches): ParsedArguments {
  const flags = new Map<string, string>();
  const positional: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    if (!argument.startsWith('--')) {
      positional.push(argument);
      continue;
    }
    const equals = argument.indexOf('=');
    if (equals > 0) {
      flags.set(argument.slice(2, equals), argument.slice(equals + 1));
    } else if (switches.includes(argument.slice(2))) {
      flags.set(argument.slice(2), 'true');
    } else {
      index += 1;
      const value = argv[index];
      if (value === undefined) throw new Error(`${argument} needs a value`);
      flags.set(argument.slice(2), value);
    }
  }
  return { flags, positional };
}

const knownSwitches = [
  'status-port-tls',
  'metrics-port-tls',
  'pprof-server',
  'immediate',
  'rewind',
  'log-truncate-destination',
];

/** Reads the flags of the `instance` verbs; an empty name is refused with the flag and variable that set it. */
export function instanceOptions(argv: readonly string[], environment: Environment): InstanceOptions & ParsedArguments {
  const parsed = parseArguments(argv);
  const required = (flag: string, variable: string): string => {
    const value = parsed.flags.get(flag) ?? environment[variable];
    if (value === undefined || value === '') throw new Error(`--${flag} is empty: pass it or set ${variable}`);
    return value;
  };
  return {
    ...parsed,
    podName: required('pod-name', 'POD_NAME'),
    clusterName: required('cluster-name', 'CLUSTER_NAME'),
    namespace: required('namespace', 'NAMESPACE'),
    layout: containerLayout(environment, parsed.flags.get('pg-data')),
    statusTls: parsed.flags.get('status-port-tls') === 'true',
    metricsTls: parsed.flags.get('metrics-port-tls') === 'true',
    bindAddress: nonEmpty(environment.MATRIARCH_BIND_ADDRESS),
    hostsFile: nonEmpty(environment.MATRIARCH_HOSTS_FILE),
    standbyTcpUserTimeout: nonEmpty(environment.CNPG_STANDBY_TCP_USER_TIMEOUT) ?? '5000',
    log: logOptions(parsed.flags),
  };
}

export function logOptions(flags: ReadonlyMap<string, string>): LogOptions {
  const level = flags.get('log-level') ?? 'info';
  if (!isLogLevel(level)) throw new Error(`--log-level ${level}: one of error, warning, info, debug, trace`);
  return {
    level,
    fieldLevel: flags.get('log-field-level') ?? 'level',
    fieldTimestamp: flags.get('log-field-timestamp') ?? 'ts',
  };
}

function isLogLevel(text: string): text is LogLevel {
  return ['error', 'warning', 'info', 'debug', 'trace'].includes(text);
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
