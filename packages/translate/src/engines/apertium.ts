import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import type { Clock } from "@ashchat/core/ports";
import * as z from "zod";
import { engineFailure, type Engine, type EngineFailure, type LanguagePair, type TranslateRequest } from "../engine";
import { toUnits } from "./apertium-text";
import { directPairs, routeKey, routes, type DirectPair } from "./apertium-pairs";
import { addressOf, requestJson } from "./request-json";

export interface ApertiumOptions {
  /** Of an apertium-apy server. */
  readonly url: string;
  readonly clock: Clock;
}

const listSchema = z.object({
  responseData: z.array(z.object({ sourceLanguage: z.string(), targetLanguage: z.string() })),
});
const translationSchema = z.object({ responseData: z.object({ translatedText: z.string() }) });

/** A word and a number pass through every pair; what comes back does not matter, that it comes does. */
const TRIAL = "OK 1";

/**
 * Apertium: rule-based, offline, of low quality. It goes through a third language where there is no direct pair, and tries
 * each pair before offering it, because a server lists pairs that it cannot serve.
 */
export function createApertium(options: ApertiumOptions): Engine {
  const trials = new Map<string, { works: boolean; at: number }>();
  let known: ReadonlyMap<string, readonly DirectPair[]> | null = null;

  async function works(pair: DirectPair, signal: AbortSignal): Promise<Result<boolean, EngineFailure>> {
    const last = trials.get(pair.code);
    if (last?.works === true) return ok(true);
    if (last !== undefined && options.clock.now() - last.at < LIMITS.enginePairRetryMs) return ok(false);
    const trial = await askPair(options.url, pair, { texts: [TRIAL], signal });
    // Being refused or broken speaks of the pair; silence speaks of the server.
    if (!trial.ok && (trial.error.reason === "timeout" || trial.error.reason === "unreachable")) return trial;
    trials.set(pair.code, { works: trial.ok, at: options.clock.now() });
    return ok(trial.ok);
  }

  async function findRoutes(
    signal: AbortSignal,
  ): Promise<Result<ReadonlyMap<string, readonly DirectPair[]>, EngineFailure>> {
    const answer = await requestJson({ url: addressOf(options.url, "listPairs"), body: null, signal });
    if (!answer.ok) return answer;
    const listed = listSchema.safeParse(answer.value);
    if (!listed.success) return fail(engineFailure("malformed", "the list of pairs has another shape"));
    const working: DirectPair[] = [];
    for (const pair of directPairs(listed.data.responseData)) {
      const trial = await works(pair, signal);
      if (!trial.ok) return trial;
      if (trial.value) working.push(pair);
    }
    known = routes(working);
    return ok(known);
  }

  async function translate(request: TranslateRequest): Promise<Result<readonly string[], EngineFailure>> {
    const found = known === null ? await findRoutes(request.signal) : ok(known);
    if (!found.ok) return found;
    const steps = found.value.get(routeKey(request));
    if (steps === undefined) return fail(engineFailure("unsupported", `Apertium has no way ${routeKey(request)}`));
    let texts = request.texts;
    for (const step of steps) {
      const answer = await askPair(options.url, step, { texts, signal: request.signal });
      // The server has another set of pairs than it had: list them again next time.
      if (!answer.ok && answer.error.reason === "unsupported") known = null;
      if (!answer.ok) return answer;
      texts = answer.value;
    }
    return ok(texts);
  }

  return {
    name: "apertium",
    // Raise it when what this adapter does to texts changes.
    version: "1",
    offline: true,
    async supports(signal) {
      const found = await findRoutes(signal);
      return found.ok ? ok([...found.value.values()].flatMap(endsOf)) : found;
    },
    translate,
  };
}

/** One step for several texts in one request. */
async function askPair(
  url: string,
  pair: DirectPair,
  { texts, signal }: Pick<TranslateRequest, "texts" | "signal">,
): Promise<Result<readonly string[], EngineFailure>> {
  const units = toUnits(texts);
  if (units.request === "") return ok(texts);
  const body = new URLSearchParams({ q: units.request, langpair: pair.code, markUnknown: "yes" });
  const answer = await requestJson({ url: addressOf(url, "translate"), body, signal });
  if (!answer.ok) {
    const isUnknownPair = answer.error.reason === "refused";
    return isUnknownPair ? fail(engineFailure("unsupported", `Apertium does not have ${pair.code}`)) : answer;
  }
  const parsed = translationSchema.safeParse(answer.value);
  if (!parsed.success) return fail(engineFailure("malformed", "the translation has another shape"));
  const translated = units.read(parsed.data.responseData.translatedText);
  return translated === null
    ? fail(engineFailure("malformed", "the translation has another number of sentences"))
    : ok(translated);
}

function endsOf(steps: readonly DirectPair[]): LanguagePair[] {
  const first = steps[0];
  const last = steps.at(-1);
  return first === undefined || last === undefined ? [] : [{ from: first.from, to: last.to }];
}
