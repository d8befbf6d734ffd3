import pino from 'pino';
import type { LogLevel, LogOptions } from './options.ts';

/** What every part of the manager logs with: constant messages, everything variable in the fields. */
export interface Logger {
  error(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  info(fields: object, message: string): void;
  debug(fields: object, message: string): void;
}

export interface Loggers {
  /** The logger of one part, told apart by the field `logger`. */
  named(name: string): Logger;
}

const pinoLevels: Record<LogLevel, string> = {
  error: 'error',
  warning: 'warn',
  info: 'info',
  debug: 'debug',
  trace: 'trace',
};

/** Loggers that write one JSON object a line to `destination` (a file descriptor, by default standard error). */
export function createLoggers(options: LogOptions, podName: string | undefined, destination = 2): Loggers {
  const root = pino(
    {
      level: pinoLevels[options.level],
      base: podName === undefined ? {} : { logging_pod: podName },
      messageKey: 'msg',
      formatters: { level: (label) => ({ [options.fieldLevel]: label === 'warn' ? 'warning' : label }) },
      timestamp: () => `,"${options.fieldTimestamp}":"${new Date().toISOString()}"`,
      serializers: { error: errorText },
    },
    pino.destination({ fd: destination, sync: true }),
  );
  return { named: (name) => root.child({ logger: name }) };
}

/** The message of an error and of what caused it; the same text goes into logs, conditions and events. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.message === '' ? error.name : error.message;
  const cause = error.cause === undefined ? '' : errorText(error.cause);
  return text.includes(cause) ? text : `${text}: ${cause}`;
}
