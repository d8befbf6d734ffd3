/** What names, labels and keys may look like, with the sentences that say so. Each function gives the complaints. */

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${QUALIFIED})?`;
const CONFIG_KEY = '[-._a-zA-Z0-9]+';

const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);
const matchers = {
  label: whole(LABEL),
  subdomain: whole(SUBDOMAIN),
  label1035: whole(LABEL1035),
  qualified: whole(QUALIFIED),
  labelValue: whole(LABEL_VALUE),
  configKey: whole(CONFIG_KEY),
};

const used = (pattern: string): string => `regex used for validation is '${pattern}')`;
const tooLong = (limit: number): string => `must be no more than ${limit} characters`;

export function checkLabelName(name: string): string[] {
  const text =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
    `alphanumeric character (e.g. 'my-name',  or '123-abc', ${used(LABEL)}`;
  return [...(name.length > 63 ? [tooLong(63)] : []), ...(matchers.label.test(name) ? [] : [text])];
}

export function checkSubdomain(name: string): string[] {
  const text =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and " +
    `end with an alphanumeric character (e.g. 'example.com', ${used(SUBDOMAIN)}`;
  return [...(name.length > 253 ? [tooLong(253)] : []), ...(matchers.subdomain.test(name) ? [] : [text])];
}

export function checkLabel1035(name: string): string[] {
  const text =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and " +
    `end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', ${used(LABEL1035)}`;
  return [...(name.length > 63 ? [tooLong(63)] : []), ...(matchers.label1035.test(name) ? [] : [text])];
}

/** A name that is part of a path and nothing else: Role, ClusterRoleBinding ... */
export function checkPathSegment(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((mark) => name.includes(mark)).map((mark) => `may not contain '${mark}'`);
}

/** Keys of labels, annotations and finalizers: `name` or `prefix.example.com/name`. */
export function checkQualifiedName(value: string): string[] {
  const parts = value.split('/');
  const shape =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
    `(e.g. 'MyName',  or 'my.name',  or '123-abc', ${used(QUALIFIED)}`;
  if (parts.length > 2) {
    return [`a qualified name ${shape} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const prefix = parts.length === 2 ? (parts[0] ?? '') : undefined;
  const name = parts[parts.length - 1] ?? '';
  const complaints: string[] = [];
  if (prefix === '') complaints.push('prefix part must be non-empty');
  else if (prefix !== undefined) complaints.push(...checkSubdomain(prefix).map((text) => `prefix part ${text}`));
  if (name === '') complaints.push('name part must be non-empty');
  else if (name.length > 63) complaints.push(`name part ${tooLong(63)}`);
  if (!matchers.qualified.test(name)) complaints.push(`name part ${shape}`);
  return complaints;
}

export function checkLabelValue(value: string): string[] {
  const text =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end " +
    `with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', ${used(LABEL_VALUE)}`;
  return [...(value.length > 63 ? [tooLong(63)] : []), ...(matchers.labelValue.test(value) ? [] : [text])];
}

/** Keys of ConfigMap.data and Secret.data. */
export function checkConfigKey(key: string): string[] {
  const text =
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or " +
    `'key-name', ${used(CONFIG_KEY)}`;
  const complaints = [...(key.length > 253 ? [tooLong(253)] : []), ...(matchers.configKey.test(key) ? [] : [text])];
  if (key === '.' || key === '..') complaints.push(`must not be '${key}'`);
  else if (key.startsWith('..')) complaints.push("must not start with '..'");
  return complaints;
}
