// What is wrong with a field, in the form in which the API server passes it on.

export type FieldErrorKind = 'Invalid' | 'Required' | 'Forbidden' | 'Duplicate' | 'NotSupported';

export interface FieldError {
  readonly path: string;
  readonly kind: FieldErrorKind;
  readonly value?: unknown;
  /** What is wrong and what to do about it. */
  readonly detail: string;
}

export const invalid = (path: string, value: unknown, detail: string): FieldError => ({
  path,
  kind: 'Invalid',
  value,
  detail,
});
export const missing = (path: string, detail: string): FieldError => ({ path, kind: 'Required', detail });
export const forbidden = (path: string, detail: string): FieldError => ({ path, kind: 'Forbidden', detail });
export const duplicate = (path: string, value: unknown, detail: string): FieldError => ({
  path,
  kind: 'Duplicate',
  value,
  detail,
});
export const notSupported = (path: string, value: unknown, supported: readonly string[]): FieldError => ({
  path,
  kind: 'NotSupported',
  value,
  detail: `use one of ${supported.map((word) => (word === '' ? '(empty)' : word)).join(', ')}`,
});

const titles: Readonly<Record<FieldErrorKind, string>> = {
  Invalid: 'Invalid value',
  Required: 'Required value',
  Forbidden: 'Forbidden',
  Duplicate: 'Duplicate value',
  NotSupported: 'Unsupported value',
};

/** One error as text: title, value, detail. */
export function describe({ kind, value, detail }: FieldError): string {
  return value === undefined ? `${titles[kind]}: ${detail}` : `${titles[kind]}: ${JSON.stringify(value)}: ${detail}`;
}

export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** The errors as causes of a Status. */
export const statusCauses = (errors: readonly FieldError[]): StatusCause[] =>
  errors.map((error) => ({ reason: `FieldValue${error.kind}`, message: describe(error), field: error.path }));

/** The Status with which a request is refused. */
export function invalidStatus(group: string, kind: string, name: string, errors: readonly FieldError[]) {
  const lines = errors.map((error) => `${error.path}: ${describe(error)}`);
  const message = `${kind}.${group} "${name}" is invalid: ${lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`}`;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: 'Invalid',
    details: { name, group, kind, causes: statusCauses(errors) },
    code: 422,
  } as const;
}

/** What the controllers write into the status of an object that is not valid: the fields, never their values. */
export function guardMessage(errors: readonly FieldError[]): string {
  const paths = [...new Set(errors.map(({ path }) => path))].filter((path) => path !== '');
  const on = paths.length === 0 ? '' : ` on: ${paths.join(', ')}`;
  return `the resource failed admission validation${on} (see the operator logs for details)`;
}

/** The elements that another one before them equals, with their places. */
export function repeated<T>(items: readonly T[], key: (item: T) => string): (readonly [number, T])[] {
  const seen = new Set<string>();
  return [...items.entries()].filter(([, item]) => seen.size === seen.add(key(item)).size);
}

/** Errors of every element of a list, which may be absent. */
export const each = <T>(
  items: readonly T[] | undefined,
  check: (item: T, index: number) => readonly FieldError[],
): FieldError[] => (items ?? []).flatMap(check);

export const isSet = (text: string | undefined): text is string => text !== undefined && text !== '';
