import { type Client, isNotFound, resources } from '@matriarch/kubernetes';

export interface SecretContent {
  readonly resourceVersion: string;
  readonly data: Readonly<Record<string, Buffer>>;
}

export interface SecretReader {
  /**
   * The content of a Secret. `version` is the resourceVersion the operator saw: what was read at that version is not
   * read again. Without one the Secret is read each time. Undefined = there is no such Secret.
   */
  read(name: string, version: string | undefined): Promise<SecretContent | undefined>;
}

const timeoutMs = 10_000;

export function secretReader(client: Client, namespace: string): SecretReader {
  const known = new Map<string, SecretContent>();
  return {
    async read(name, version) {
      const earlier = known.get(name);
      if (earlier !== undefined && version !== undefined && earlier.resourceVersion === version) return earlier;
      try {
        const secret = await client.get(
          resources.secrets,
          { namespace, name },
          { signal: AbortSignal.timeout(timeoutMs) },
        );
        const entries = Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64')]);
        const content: SecretContent = {
          resourceVersion: secret.metadata?.resourceVersion ?? '',
          data: Object.fromEntries(entries),
        };
        known.set(name, content);
        return content;
      } catch (error) {
        if (!isNotFound(error)) throw error;
        known.delete(name);
        return undefined;
      }
    },
  };
}

/** One key of a Secret as text; an error names both when either is missing. */
export async function secretText(reader: SecretReader, name: string, key: string, version?: string): Promise<string> {
  const value = (await reader.read(name, version))?.data[key];
  if (value === undefined) throw new Error(`Secret ${name} has no key ${key}, or does not exist`);
  return value.toString('utf8');
}
