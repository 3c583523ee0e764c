/** Lets at most `inFlightMax` tasks run at once; the others wait in order. Its queue is bounded by who may ask. */
export interface Gate {
  run<Value>(task: () => Promise<Value>): Promise<Value>;
}

export function createGate(inFlightMax: number): Gate {
  const waiting: (() => void)[] = [];
  let inFlight = 0;

  async function enter(): Promise<void> {
    if (inFlight < inFlightMax) {
      inFlight += 1;
      return;
    }
    // The one who leaves hands over its place, so the count stays.
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) inFlight -= 1;
    else next();
  }

  return {
    async run(task) {
      await enter();
      try {
        return await task();
      } finally {
        leave();
      }
    },
  };
}
