import type { TranslationSupport } from "@ashchat/contracts/api";
import { LIMITS } from "@ashchat/contracts/limits";
import type { TranslationFailure } from "@ashchat/contracts/message";
import { ok, type Result } from "@ashchat/contracts/result";
import { codePoints } from "@ashchat/contracts/text";
import type { Clock } from "@ashchat/core/ports";
import { accept } from "./accept";
import { askChain, type TextAsk } from "./ask-chain";
import type { EngineEvent } from "./ask-engine";
import { createGatherer } from "./batches";
import { createChain } from "./chain";
import type { Engine, EngineFailure, LanguagePair } from "./engine";
import { protect } from "./protect";
import {
  cacheKey,
  createTranslationCache,
  hashText,
  type KeptTranslation,
  type TranslationCachePort,
} from "./translation-cache";

/**
 * The one door to translation:
 *
 *   same language? ─▶ protect ─▶ anything to translate? ─▶ cache ─▶ engines in order ─▶ check ─▶ keep ─▶ put the parts back
 *
 * Protection comes before the cache, so that texts which differ in a link or a name share a translation, and neither is
 * kept outside the message. Equal texts are translated once: in one call, in one process, and across processes.
 * Where every engine loses a placeholder the pieces between them are translated, once.
 */
export interface TranslationRequest extends LanguagePair {
  readonly text: string;
}

export type TranslationOutcome =
  | { readonly status: "done"; readonly text: string; readonly engine: string }
  | { readonly status: "failed"; readonly reason: TranslationFailure; readonly retryable: boolean }
  | { readonly status: "not_needed" };

/** For metrics: never a text. */
export type TranslatorEvent = EngineEvent | { readonly kind: "cache"; readonly hits: number; readonly misses: number };

export interface Glossary {
  /** Changes with the terms. */
  readonly version: string;
  /** Never translated. */
  readonly terms: readonly string[];
}

export interface TranslatorOptions {
  /** In the order in which they are asked. */
  readonly engines: readonly Engine[];
  readonly cache: TranslationCachePort;
  /** The keys of the cache are made with it. */
  readonly secret: string;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly glossary?: Glossary;
  readonly observe?: (event: TranslatorEvent) => void;
}

export interface Translator {
  /** One outcome per request in the same order; never throws for what an engine does. */
  translateMany(requests: readonly TranslationRequest[]): Promise<TranslationOutcome[]>;
  /** Asks the engines anew what they can do. */
  refresh(): Promise<void>;
  /** What they said last; nothing while none answers. */
  support(): TranslationSupport;
}

type Answer = Result<KeptTranslation, EngineFailure>;

interface Ask extends TextAsk {
  /** Of the protected text: the part of its keys that costs something, made once for all languages. */
  readonly textHash: string;
  /** The same for all that wait for the same answer. */
  readonly flight: string;
}

const HIT: TranslatorEvent = { kind: "cache", hits: 1, misses: 0 };
const MISS: TranslatorEvent = { kind: "cache", hits: 0, misses: 1 };
const NO_GLOSSARY: Glossary = { version: "0", terms: [] };

export function createTranslator(options: TranslatorOptions): Translator {
  const glossary = options.glossary ?? NO_GLOSSARY;
  const observe = options.observe ?? (() => undefined);
  const chain = createChain({ engines: options.engines, timeoutMs: options.timeoutMs, clock: options.clock, observe });
  const cache = createTranslationCache(options.cache);
  const inFlight = new Map<string, Promise<Answer>>();
  const keyFor = ({ textHash, from, to }: Ask, engineId: string) =>
    cacheKey(textHash, { engineId, from, to, glossaryVersion: glossary.version });

  const gatherer = createGatherer<Ask, Answer>({
    groupOf: pairOf,
    textOf: (ask) => ask.source.text,
    async work(asks) {
      const answers = await askChain(chain, asks);
      const kept = answers.flatMap((answer, index) => {
        const ask = asks[index];
        if (!answer.ok || ask === undefined) return [];
        const { engine, text, engineId } = answer.value;
        return [{ key: keyFor(ask, engineId), kept: { engine, text } }];
      });
      await cache.keep(kept);
      return answers.map((answer) =>
        answer.ok ? ok({ engine: answer.value.engine, text: answer.value.text }) : answer,
      );
    },
  });

  /** What the cache has for each, in one look. */
  async function lookUp(asks: readonly Ask[]): Promise<(KeptTranslation | null)[]> {
    const keys = asks.map((one) => chain.usableEngines(one).map((engineId) => keyFor(one, engineId)));
    const found = await cache.find(keys.flat());
    let next = 0;
    return keys.map((own, index) => {
      const candidates = found.slice(next, (next += own.length));
      return candidates.find((kept) => kept !== null && isUsable(asks[index], kept)) ?? null;
    });
  }

  function ask(one: Ask): Promise<Answer> {
    return options.cache.singleFlight<Answer>({
      key: keyFor(one, "any"),
      lockMs: LIMITS.translationLockMs,
      waitMs: LIMITS.translationWaitMs,
      async read() {
        const [kept] = await lookUp([one]);
        return kept === null || kept === undefined ? null : ok(kept);
      },
      work: () => gatherer.ask(one),
    });
  }

  /** Joins what is in flight already and starts the rest together. */
  function start(asks: readonly Ask[]): Promise<Answer>[] {
    const fresh = new Map<string, Ask>();
    for (const one of asks) if (!inFlight.has(one.flight)) fresh.set(one.flight, one);
    const starting = [...fresh.values()];
    const looking = lookUp(starting);
    for (const [index, one] of starting.entries()) {
      const land = () => inFlight.delete(one.flight);
      const answer = looking.then((found) => {
        const kept = found[index] ?? null;
        observe(kept === null ? MISS : HIT);
        return kept === null ? ask(one) : ok(kept);
      });
      inFlight.set(one.flight, answer);
      answer.then(land, land);
    }
    return asks.map((one) => inFlight.get(one.flight) ?? gatherer.ask(one));
  }

  return {
    async translateMany(requests) {
      const sources = new Map<string, Source>();
      const sourceOf = (text: string) => {
        const known = sources.get(text) ?? readSource(text, { glossary, secret: options.secret });
        sources.set(text, known);
        return known;
      };
      const plans = requests.map((request) => planOf(request, sourceOf));
      const asks = plans.flatMap((plan) => (plan.kind === "ask" ? [plan.ask] : []));
      const answers = await Promise.all(start(asks));
      let next = 0;
      return plans.map((plan) => (plan.kind === "ended" ? plan.outcome : outcomeOf(plan.ask, answers[next++])));
    },
    refresh: () => chain.refresh(),
    support: () => chain.support(),
  };
}

type Plan =
  | { readonly kind: "ended"; readonly outcome: TranslationOutcome }
  | { readonly kind: "ask"; readonly ask: Ask };

/** What all languages of a text share; a message comes once for each of its room's. */
type Source = Pick<Ask, "source" | "textHash">;

function readSource(text: string, { glossary, secret }: { glossary: Glossary; secret: string }): Source {
  const source = protect(text, glossary.terms);
  return { source, textHash: hashText(secret, source.text) };
}

function planOf(request: TranslationRequest, sourceOf: (text: string) => Source): Plan {
  const { text, from, to } = request;
  if (from === to) return { kind: "ended", outcome: { status: "not_needed" } };
  if (codePoints(text) > LIMITS.messageCodePointsMax) {
    return { kind: "ended", outcome: { status: "failed", reason: "too_long", retryable: false } };
  }
  const { source, textHash } = sourceOf(text);
  return source.hasWords
    ? { kind: "ask", ask: { source, textHash, from, to, flight: `${from}>${to} ${textHash}` } }
    : { kind: "ended", outcome: { status: "not_needed" } };
}

function isUsable(ask: Ask | undefined, kept: KeptTranslation): boolean {
  return ask !== undefined && accept(ask.source, kept.text).ok;
}

function outcomeOf(ask: Ask, answer: Answer | undefined): TranslationOutcome {
  if (answer === undefined) return { status: "failed", reason: "engine_failed", retryable: true };
  if (!answer.ok) return { status: "failed", reason: reasonOf(answer.error), retryable: answer.error.retryable };
  const text = accept(ask.source, answer.value.text);
  return text.ok
    ? { status: "done", text: text.value, engine: answer.value.engine }
    : { status: "failed", reason: reasonOf(text.error), retryable: false };
}

function reasonOf(failure: EngineFailure): TranslationFailure {
  if (failure.reason === "unsupported" || failure.reason === "placeholder_lost") return failure.reason;
  return "engine_failed";
}

function pairOf(pair: LanguagePair): string {
  return `${pair.from}>${pair.to}`;
}
