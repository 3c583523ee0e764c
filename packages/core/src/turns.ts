import type { AppError } from "@ashchat/contracts/errors";
import type { Result } from "@ashchat/contracts/result";

export interface Turns {
  /** Waits for the turn that is running, if any. */
  close(): Promise<void>;
}

/** Calls `turn` every `intervalMs`, never two at a time; a failed or thrown turn is reported and the next comes as usual. */
export function startTurns(options: {
  turn: () => Promise<Result<unknown, AppError>>;
  intervalMs: number;
  onError: (error: unknown) => void;
}): Turns {
  let running: Promise<void> | null = null;
  const timer = setInterval(() => {
    running ??= takeTurn(options).finally(() => {
      running = null;
    });
  }, options.intervalMs);
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}

async function takeTurn(options: Parameters<typeof startTurns>[0]): Promise<void> {
  try {
    const outcome = await options.turn();
    if (!outcome.ok) options.onError(outcome.error);
  } catch (error) {
    options.onError(error);
  }
}
