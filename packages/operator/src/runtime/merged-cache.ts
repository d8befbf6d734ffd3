import type { Cache, KubernetesObject } from '@matriarch/kubernetes';

/** Several caches of one kind, one for each namespace, as if they were one. */
export function mergeCaches<T extends KubernetesObject>(parts: readonly Cache<T>[]): Cache<T> {
  const [first] = parts;
  if (!first) throw new Error('at least one namespace is needed');
  return {
    type: first.type,
    get: (namespace, name) => parts.map((part) => part.get(namespace, name)).find((object) => object !== undefined),
    list: (namespace) => parts.flatMap((part) => part.list(namespace)),
    onChange: (handler) => {
      const ends = parts.map((part) => part.onChange(handler));
      return () => {
        for (const end of ends) end();
      };
    },
    synced: async () => {
      await Promise.all(parts.map((part) => part.synced()));
    },
    observe: (object) => {
      const { namespace, name = '' } = object.metadata ?? {};
      const holder =
        parts.find((part) => part.get(namespace, name)) ?? parts.find((part) => part.list(namespace).length > 0);
      holder?.observe(object);
    },
    start: async (signal) => {
      await Promise.all(parts.map((part) => part.start(signal)));
    },
  };
}
