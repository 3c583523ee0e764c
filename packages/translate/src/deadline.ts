import { fail, type Result } from "@ashchat/contracts/result";
import { engineFailure, type EngineFailure } from "./engine";

/** `ask` with a deadline that holds even where its signal is ignored, and without throwing. */
export async function withDeadline<Value>(
  timeoutMs: number,
  ask: (signal: AbortSignal) => Promise<Result<Value, EngineFailure>>,
): Promise<Result<Value, EngineFailure>> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<Result<Value, EngineFailure>>((resolve) => {
    timer = setTimeout(() => {
      controller.abort();
      resolve(fail(engineFailure("timeout", "no answer in time")));
    }, timeoutMs);
  });
  try {
    return await Promise.race([ask(controller.signal), deadline]);
  } catch (error) {
    // The name only: an engine's message may quote the text.
    return fail(engineFailure("unavailable", `threw ${error instanceof Error ? error.name : "something"}`));
  } finally {
    clearTimeout(timer);
  }
}
