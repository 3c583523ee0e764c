import { createHmac } from "node:crypto";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Outcome } from "@ashchat/core/ports";
import * as z from "zod";
import type { LanguagePair } from "./engine";

/** Where translations are kept for all processes; a loss costs work, nothing else. Keys are hashes. */
export interface TranslationCachePort {
  /** In the order of the keys. */
  getMany(keys: readonly string[]): Outcome<(Uint8Array | null)[]>;
  setMany(entries: readonly { readonly key: string; readonly value: string }[], ttlMs: number): Outcome<void>;
  /** Of all callers of one key one works, the others wait and read; see `redis/cache`. */
  singleFlight<Value>(flight: {
    readonly key: string;
    readonly lockMs: number;
    readonly waitMs: number;
    readonly read: () => Promise<Value | null>;
    readonly work: () => Promise<Value>;
  }): Promise<Value>;
}

/** An engine's answer as it came, placeholders and all: what they stand for never leaves the message. */
const keptTranslationSchema = z.object({ engine: z.string(), text: z.string() });
export type KeptTranslation = z.infer<typeof keptTranslationSchema>;

export interface CacheKeyParts extends LanguagePair {
  /** Name and version. */
  readonly engineId: string;
  readonly glossaryVersion: string;
  /** Protected. */
  readonly text: string;
}

/** Without the secret nobody can tell from the keys which texts were translated. */
export function cacheKey(secret: string, parts: CacheKeyParts): string {
  const { engineId, from, to, glossaryVersion, text } = parts;
  const said = JSON.stringify([engineId, from, to, glossaryVersion, text.normalize("NFC")]);
  return createHmac("sha256", secret).update(said).digest("base64url");
}

export interface TranslationCache {
  /** One result per key in order; null for a miss. A cache that does not answer has nothing. */
  find(keys: readonly string[]): Promise<(KeptTranslation | null)[]>;
  keep(entries: readonly { readonly key: string; readonly kept: KeptTranslation }[]): Promise<void>;
}

/** The shared cache behind a small memory of this process, which forgets what was not used for longest. */
export function createTranslationCache(port: TranslationCachePort): TranslationCache {
  const memory = new Map<string, KeptTranslation>();

  function recall(key: string): KeptTranslation | null {
    const kept = memory.get(key);
    if (kept !== undefined) memorise(key, kept);
    return kept ?? null;
  }

  function memorise(key: string, kept: KeptTranslation): void {
    memory.delete(key);
    if (kept.text.length > LIMITS.translationMemoryCharsMax) return;
    memory.set(key, kept);
    const [oldest] = memory.keys();
    if (memory.size > LIMITS.translationMemoryEntriesMax && oldest !== undefined) memory.delete(oldest);
  }

  return {
    async find(keys) {
      const found = keys.map(recall);
      const missing = keys.filter((_, index) => found[index] === null);
      if (missing.length === 0) return found;
      const stored = await port.getMany(missing);
      const byKey = new Map(stored.ok ? missing.map((key, index) => [key, decode(stored.value[index])]) : []);
      return keys.map((key, index) => {
        const kept = found[index] ?? byKey.get(key) ?? null;
        if (kept !== null) memorise(key, kept);
        return kept;
      });
    },
    async keep(entries) {
      if (entries.length === 0) return;
      for (const { key, kept } of entries) memorise(key, kept);
      // Best effort: what could not be kept is translated again.
      await port.setMany(
        entries.map(({ key, kept }) => ({ key, value: JSON.stringify(kept) })),
        LIMITS.translationCacheTtlMs,
      );
    },
  };
}

function decode(bytes: Uint8Array | null | undefined): KeptTranslation | null {
  if (bytes === null || bytes === undefined) return null;
  try {
    const parsed = keptTranslationSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    return parsed.success ? parsed.data : null;
  } catch {
    // Something else under our key is as good as nothing.
    return null;
  }
}
