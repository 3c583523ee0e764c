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
}

/** Of a protected text. Without the secret nobody can tell from it which text was translated. */
export function hashText(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text.normalize("NFC")).digest("base64url");
}

export function cacheKey(textHash: string, { engineId, from, to, glossaryVersion }: CacheKeyParts): string {
  return `${textHash}:${from}>${to}:${engineId}:${glossaryVersion}`;
}

export interface TranslationCache {
  /** One result per key in order; null for a miss. A cache that does not answer has nothing. */
  find(keys: readonly string[]): Promise<(KeptTranslation | null)[]>;
  keep(entries: readonly { readonly key: string; readonly kept: KeptTranslation }[]): Promise<void>;
}

/**
 * The shared cache behind a small memory of this process. The memory has two generations: when the younger is full it becomes
 * the older, and what nobody asked for meanwhile is forgotten.
 */
export function createTranslationCache(port: TranslationCachePort): TranslationCache {
  let younger = new Map<string, KeptTranslation>();
  let older = new Map<string, KeptTranslation>();

  function recall(key: string): KeptTranslation | null {
    const kept = younger.get(key);
    if (kept !== undefined) return kept;
    const old = older.get(key);
    if (old !== undefined) memorise(key, old);
    return old ?? null;
  }

  function memorise(key: string, kept: KeptTranslation): void {
    if (kept.text.length > LIMITS.translationMemoryCharsMax) return;
    younger.set(key, kept);
    if (younger.size * 2 < LIMITS.translationMemoryEntriesMax) return;
    older = younger;
    younger = new Map();
  }

  return {
    async find(keys) {
      const found = keys.map(recall);
      const missing = [...found.keys()].filter((index) => found[index] === null);
      if (missing.length === 0) return found;
      const stored = await port.getMany(missing.map((index) => keys[index] ?? ""));
      if (!stored.ok) return found;
      for (const [at, index] of missing.entries()) {
        const kept = decode(stored.value[at]);
        if (kept !== null) memorise(keys[index] ?? "", kept);
        found[index] = kept;
      }
      return found;
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

const utf8 = new TextDecoder();

function decode(bytes: Uint8Array | null | undefined): KeptTranslation | null {
  if (bytes === null || bytes === undefined) return null;
  try {
    const parsed = keptTranslationSchema.safeParse(JSON.parse(utf8.decode(bytes)));
    return parsed.success ? parsed.data : null;
  } catch {
    // Something else under our key is as good as nothing.
    return null;
  }
}
