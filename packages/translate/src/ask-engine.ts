import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import { codePoints } from "@ashchat/contracts/text";
import type { Clock } from "@ashchat/core/ports";
import { withDeadline } from "./deadline";
import { engineFailure, type Engine, type EngineFailure, type LanguagePair } from "./engine";

/** What happened, for metrics: never a text. */
export type EngineEvent =
  | {
      readonly kind: "call";
      readonly engine: string;
      readonly outcome: "ok" | EngineFailure["reason"];
      readonly texts: number;
      readonly codePoints: number;
      readonly durationMs: number;
    }
  | { readonly kind: "support"; readonly engine: string; readonly outcome: "ok" | EngineFailure["reason"] };
export type EngineObserver = (event: EngineEvent) => void;

export interface EngineCall extends LanguagePair {
  readonly engine: Engine;
  readonly texts: readonly string[];
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly observe: EngineObserver;
}

/** Of a batch: one of its texts may be to blame, or all of them together are too much. The other failures speak of the engine. */
const MAY_BE_ONE_TEXT: ReadonlySet<EngineFailure["reason"]> = new Set(["refused", "malformed", "crashed", "timeout"]);

/**
 * One result per text in the same order. An answer with the wrong number of parts says nothing about which part is which:
 * it is thrown away and every text is asked alone; so is a batch that may have failed for one of its texts, for the sake
 * of the innocent ones, which would meet it again at every try.
 */
export async function askEngine(call: EngineCall): Promise<Result<string, EngineFailure>[]> {
  const answer = await once(call, call.texts);
  if (answer.ok && answer.value.length === call.texts.length) return answer.value.map((text) => ok(text));
  const isWorthAskingAlone = answer.ok || MAY_BE_ONE_TEXT.has(answer.error.reason);
  if (call.texts.length > 1 && isWorthAskingAlone) return oneByOne(call);
  const failure = answer.ok ? engineFailure("malformed", "the answer has another number of texts") : answer.error;
  return call.texts.map(() => fail(failure));
}

/** Ends early when the engine itself fails: the rest would fare the same. So it does where nothing but nonsense comes back. */
async function oneByOne(call: EngineCall): Promise<Result<string, EngineFailure>[]> {
  const results: Result<string, EngineFailure>[] = [];
  let broken: EngineFailure | null = null;
  let nonsense = 0;
  const queue = [...call.texts.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, text] = next;
      const result: Result<string, EngineFailure> = broken === null ? await alone(call, text) : fail(broken);
      results[index] = result;
      if (result.ok) nonsense = Number.NEGATIVE_INFINITY;
      else if (mayBeNonsense(result.error)) nonsense += 1;
      if (!result.ok && (isEngines(result.error) || nonsense >= LIMITS.engineFailuresMax)) broken = result.error;
    }
  };
  await Promise.all(Array.from({ length: LIMITS.engineParallelMax }, worker));
  return results;
}

function mayBeNonsense({ reason }: EngineFailure): boolean {
  return reason === "malformed" || reason === "crashed";
}

function isEngines(failure: EngineFailure): boolean {
  return failure.retryable && failure.reason !== "crashed";
}

async function alone(call: EngineCall, text: string): Promise<Result<string, EngineFailure>> {
  const [result] = await askEngine({ ...call, texts: [text] });
  return result ?? fail(engineFailure("malformed", "no answer"));
}

async function once(call: EngineCall, texts: readonly string[]): Promise<Result<readonly string[], EngineFailure>> {
  const startedAt = call.clock.now();
  const { engine, from, to } = call;
  const answer = await withDeadline(call.timeoutMs, (signal) => engine.translate({ texts, from, to, signal }));
  call.observe({
    kind: "call",
    engine: engine.name,
    outcome: answer.ok ? "ok" : answer.error.reason,
    texts: texts.length,
    codePoints: texts.reduce((sum, text) => sum + codePoints(text), 0),
    durationMs: call.clock.now() - startedAt,
  });
  return answer;
}
