import type { TranslationSupport } from "@ashchat/contracts/api";
import { LANGUAGES } from "@ashchat/contracts/languages";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import type { Clock } from "@ashchat/core/ports";
import { askEngine, type EngineObserver } from "./ask-engine";
import { createBreaker, type Breaker } from "./breaker";
import { withDeadline } from "./deadline";
import { engineFailure, type Engine, type EngineFailure, type LanguagePair } from "./engine";

export interface ChainOptions {
  /** In the order in which they are asked. */
  readonly engines: readonly Engine[];
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly observe: EngineObserver;
}

export interface ChainAnswer {
  /** As the engine gave it. */
  readonly text: string;
  /** Its name, and name and version for cache keys. */
  readonly engine: string;
  readonly engineId: string;
}

export interface ChainRequest extends LanguagePair {
  readonly texts: readonly string[];
  /** Whether the answer for the text at `index` can be used; if not the next engine is asked. */
  readonly check: (index: number, answer: string) => Result<unknown, EngineFailure>;
}

export interface Chain {
  /** One result per text in the same order. Never throws; ends within the engines' timeouts. */
  translate(request: ChainRequest): Promise<Result<ChainAnswer, EngineFailure>[]>;
  /** Ids of the engines whose answers are as good as a new request, best first: those that would be asked now, else all. */
  usableEngines(pair: LanguagePair): string[];
  /** Asks every engine anew what it can do. */
  refresh(): Promise<void>;
  support(): TranslationSupport;
}

interface Link {
  readonly engine: Engine;
  readonly breaker: Breaker;
  /** Null while it never said; what it said last otherwise. */
  pairs: ReadonlySet<string> | null;
  isReady: boolean;
  refreshing: Promise<void> | null;
  /** Somebody waited in vain for it to say what it can do, and nobody waits again until it has. */
  isSilent: boolean;
}

/** Asks the engines in order, each behind a timeout and a circuit breaker, until every text has a usable answer. */
export function createChain(options: ChainOptions): Chain {
  const links: Link[] = options.engines.map((engine) => ({
    engine,
    breaker: createBreaker(options.clock),
    pairs: null,
    isReady: false,
    refreshing: null,
    isSilent: false,
  }));
  let checkedAt: number | null = null;

  function refreshLink(link: Link): Promise<void> {
    link.refreshing ??= askSupport(link, options).finally(() => {
      link.refreshing = null;
    });
    return link.refreshing;
  }

  /** For as long as the engine may take for an answer: those behind it in the chain may know better. */
  async function waitForPairs(link: Link): Promise<void> {
    const asking = refreshLink(link);
    if (link.isSilent) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        link.isSilent = true;
        resolve();
      }, options.timeoutMs);
    });
    await Promise.race([asking, late]);
    clearTimeout(timer);
  }

  async function askLink(
    link: Link,
    request: ChainRequest,
    open: readonly number[],
  ): Promise<Result<string, EngineFailure>[]> {
    const { breaker, engine } = link;
    const all = (failure: EngineFailure) => open.map(() => fail(failure));
    if (link.pairs === null) await waitForPairs(link);
    if (link.pairs === null) return all(engineFailure("unavailable", `${engine.name} does not say what it can do`));
    if (!link.pairs.has(keyOf(request)))
      return all(engineFailure("unsupported", `${engine.name} has no ${keyOf(request)}`));
    if (!breaker.mayTry())
      return all(engineFailure("unavailable", `${engine.name} failed too often and is left in peace`));
    const texts = open.map((index) => request.texts[index] ?? "");
    const call = { engine, from: request.from, to: request.to, timeoutMs: options.timeoutMs, clock: options.clock };
    const answers = await askEngine({ ...call, texts, observe: options.observe });
    if (answers.some((answer) => answer.ok)) breaker.succeeded();
    else if (answers.some((answer) => !answer.ok && isEnginesFault(answer.error))) breaker.failed();
    else breaker.succeeded();
    return answers.map((answer, at) => (answer.ok ? checked(request, open[at] ?? 0, answer.value) : answer));
  }

  async function translate(request: ChainRequest): Promise<Result<ChainAnswer, EngineFailure>[]> {
    const none = engineFailure("unsupported", `no engine has ${keyOf(request)}`);
    const results: Result<ChainAnswer, EngineFailure>[] = request.texts.map(() => fail(none));
    for (const link of links) {
      const open = [...results.keys()].filter((index) => results[index]?.ok === false);
      if (open.length === 0) break;
      const answers = await askLink(link, request, open);
      for (const [at, answer] of answers.entries()) {
        const index = open[at] ?? 0;
        const before = results[index];
        if (answer.ok)
          results[index] = ok({ text: answer.value, engine: link.engine.name, engineId: idOf(link.engine) });
        else if (before?.ok === false) results[index] = fail(graver(before.error, answer.error));
      }
    }
    return results;
  }

  return {
    translate,
    usableEngines(pair) {
      const able = links.filter((link) => link.pairs === null || link.pairs.has(keyOf(pair)));
      const first = able.find((link) => link.pairs !== null && !link.breaker.isOpen());
      return (first === undefined ? able : [first]).map((link) => idOf(link.engine));
    },
    async refresh() {
      await Promise.all(links.map(refreshLink));
      checkedAt = options.clock.now();
    },
    support: () => ({ engines: links.map(stateOf), pairs: mergedPairs(links), checkedAt }),
  };
}

async function askSupport(link: Link, options: ChainOptions): Promise<void> {
  const answer = await withDeadline(LIMITS.engineSupportTimeoutMs, (signal) => link.engine.supports(signal));
  link.isReady = answer.ok;
  if (answer.ok) link.isSilent = false;
  if (answer.ok) link.pairs = new Set(answer.value.map(keyOf));
  options.observe({ kind: "support", engine: link.engine.name, outcome: answer.ok ? "ok" : answer.error.reason });
}

function checked(request: ChainRequest, index: number, answer: string): Result<string, EngineFailure> {
  const usable = request.check(index, answer);
  return usable.ok ? ok(answer) : usable;
}

/** Failures that other texts would meet as well. */
function isEnginesFault(failure: EngineFailure): boolean {
  return failure.retryable || failure.reason === "malformed";
}

/** Which of two engines' failures to report: lost parts can be helped at once, retryable ones later, the rest never. */
function graver(before: EngineFailure, now: EngineFailure): EngineFailure {
  const rank = (failure: EngineFailure) => {
    if (failure.reason === "placeholder_lost") return 3;
    if (failure.retryable) return 2;
    return failure.reason === "unsupported" ? 0 : 1;
  };
  return rank(now) > rank(before) ? now : before;
}

function stateOf(link: Link): TranslationSupport["engines"][number] {
  return { name: link.engine.name, offline: link.engine.offline, ready: link.isReady && !link.breaker.isOpen() };
}

/** What the engines that answer can do together, sorted as LANGUAGES. */
function mergedPairs(links: readonly Link[]): TranslationSupport["pairs"] {
  const ready = links.filter((link) => stateOf(link).ready);
  return LANGUAGES.map((from) => ({
    from,
    to: LANGUAGES.filter((to) => ready.some((link) => link.pairs?.has(keyOf({ from, to })))),
  })).filter((pair) => pair.to.length > 0);
}

function keyOf(pair: LanguagePair): string {
  return `${pair.from}>${pair.to}`;
}

function idOf(engine: Engine): string {
  return `${engine.name}@${engine.version}`;
}
