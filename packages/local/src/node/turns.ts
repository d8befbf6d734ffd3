/** One after another for each name: who comes later begins when everybody before has ended. */
export interface Turns {
  /** Does the work when the turn comes. Work that throws ends its turn too. */
  take<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return {
    take: (name, work) => {
      const before = last.get(name);
      const own = before === undefined ? work() : before.then(work);
      const ended = own.then(
        () => undefined,
        () => undefined,
      );
      last.set(name, ended);
      void ended.then(() => {
        if (last.get(name) === ended) last.delete(name);
      });
      return own;
    },
  };
}
