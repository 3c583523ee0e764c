/** Lets a few through at once, makes some wait in order, and turns the others away. */
export interface Gate {
  run<Value>(work: () => Promise<Value>): Promise<{ entered: true; value: Value } | { entered: false }>;
}

export function createGate({ atOnceMax, waitingMax }: { atOnceMax: number; waitingMax: number }): Gate {
  const waiting: (() => void)[] = [];
  let inside = 0;

  async function enter(): Promise<void> {
    if (inside < atOnceMax) {
      inside += 1;
      return;
    }
    // Who leaves hands their place over, so the count stays.
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
    });
  }

  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) inside -= 1;
    else next();
  }

  return {
    run: async (work) => {
      if (inside >= atOnceMax && waiting.length >= waitingMax) return { entered: false };
      await enter();
      try {
        return { entered: true, value: await work() };
      } finally {
        leave();
      }
    },
  };
}
