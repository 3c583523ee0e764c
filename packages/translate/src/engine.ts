import type { Language } from "@ashchat/contracts/languages";
import type { Result } from "@ashchat/contracts/result";

/** From one language into another, by our tags. */
export interface LanguagePair {
  readonly from: Language;
  readonly to: Language;
}

/**
 * Why an engine gave no usable answer.
 * `unsupported` the pair is not offered · `refused` it will not take this text · `malformed` it answered nonsense ·
 * `placeholder_lost` a protected part did not come back exactly once · `crashed` it broke on this very request ·
 * the others: not now.
 */
export type EngineFailureReason =
  | "unsupported"
  | "refused"
  | "malformed"
  | "placeholder_lost"
  | "crashed"
  | "timeout"
  | "rate_limited"
  | "unreachable"
  | "unavailable";

/** `message` is for logs: it never holds a text or its translation. `retryable`: the same call may succeed later. */
export interface EngineFailure {
  readonly kind: "engine_failure";
  readonly reason: EngineFailureReason;
  readonly message: string;
  readonly retryable: boolean;
}

const RETRYABLE: ReadonlySet<EngineFailureReason> = new Set([
  "crashed",
  "timeout",
  "rate_limited",
  "unreachable",
  "unavailable",
]);

export function engineFailure(reason: EngineFailureReason, message: string): EngineFailure {
  return { kind: "engine_failure", reason, message, retryable: RETRYABLE.has(reason) };
}

export interface TranslateRequest extends LanguagePair {
  /** Plain text; never empty. Parts of the form ⟦7⟧ must come back as they are. */
  readonly texts: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * One translation service. Stateless for the caller, safe to call at the same time, never throws. Every implementation
 * passes `engine.conformance.ts`.
 */
export interface Engine {
  /** As in TRANSLATION_ENGINES; stored with every translation. */
  readonly name: string;
  /** Part of the cache key: another version, another translation. */
  readonly version: string;
  /** Texts stay on machines of the installation. */
  readonly offline: boolean;
  /** Asks the service; only pairs of LANGUAGES, without equal sides. */
  supports(signal: AbortSignal): Promise<Result<readonly LanguagePair[], EngineFailure>>;
  /** One translation per text in the same order. `unsupported` for a pair that the service does not have. */
  translate(request: TranslateRequest): Promise<Result<readonly string[], EngineFailure>>;
}
