import { isConflict } from '@matriarch/kubernetes';
import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

const levels = { error: 'error', warning: 'warn', info: 'info', debug: 'debug', trace: 'trace' } as const;
export type LogLevel = keyof typeof levels;

export function isLogLevel(text: string): text is LogLevel {
  return text in levels;
}

/** JSON lines with the keys that log shippers know: level, ts, logger, msg, and the fields of the line. */
export function createLogger(options: { level: LogLevel; levelField?: string; timeField?: string }): Logger {
  const { levelField = 'level', timeField = 'ts' } = options;
  return pino({
    level: levels[options.level],
    base: null,
    messageKey: 'msg',
    timestamp: () => `,"${timeField}":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ [levelField]: label === 'warn' ? 'warning' : label }) },
    serializers: { error: pino.stdSerializers.err },
  });
}

/** Logs a reconcile that threw. A conflict only means that our copy was old, which is nothing to worry about. */
export function logFailure(log: Logger, details: { error: unknown; [key: string]: unknown }): void {
  if (isConflict(details.error)) log.debug(details, 'Decided on an old copy, trying again');
  else log.error(details, 'Reconciling failed');
}
