/**
 * Lets a few through at once, makes some wait in order, and turns the others away: those who find too many waiting, who have waited
 * too long, or whose `signal` says that nobody waits for the answer any more.
 */
export interface Gate {
  run<Value>(work: () => Promise<Value>, signal?: AbortSignal): Promise<Entered<Value>>;
}

type Entered<Value> = { entered: true; value: Value } | { entered: false };

export interface GateOptions {
  readonly atOnceMax: number;
  readonly waitingMax: number;
  readonly waitMsMax: number;
}

type Waiter = (isLetIn: boolean) => void;

export function createGate({ atOnceMax, waitingMax, waitMsMax }: GateOptions): Gate {
  /** In the order of their coming. */
  const waiting = new Set<Waiter>();
  let inside = 0;

  async function enter(signal: AbortSignal | undefined): Promise<boolean> {
    if (inside < atOnceMax) {
      inside += 1;
      return true;
    }
    if (waiting.size >= waitingMax) return false;
    // Who leaves hands their place over, so the count stays.
    return await new Promise<boolean>((resolve) => {
      const end: Waiter = (isLetIn) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", giveUp);
        waiting.delete(end);
        resolve(isLetIn);
      };
      const giveUp = () => end(false);
      const timer = setTimeout(giveUp, waitMsMax);
      signal?.addEventListener("abort", giveUp);
      waiting.add(end);
    });
  }

  function leave(): void {
    const [next] = waiting;
    if (next === undefined) inside -= 1;
    else next(true);
  }

  return {
    run: async (work, signal) => {
      if (signal?.aborted === true || !(await enter(signal))) return { entered: false };
      try {
        return { entered: true, value: await work() };
      } finally {
        leave();
      }
    },
  };
}
