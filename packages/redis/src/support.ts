import { translationSupportSchema, type TranslationSupport } from "@ashchat/contracts/api";
import type { Outcome } from "@ashchat/core/ports";
import type { Redis } from "ioredis";
import { attempt, type Key } from "./client";

/** What the engines can do, as the translation process last heard it from them; gone when no process renews it. */
export interface Support {
  putSupport(support: TranslationSupport): Outcome<void>;
  getSupport(): Outcome<TranslationSupport | null>;
}

const TTL_MS = 600_000;

export function createSupport({ client, key }: { client: Redis; key: Key }): Support {
  return {
    putSupport: (support) =>
      attempt("write translation support", async () => {
        await client.set(key("translation-support"), JSON.stringify(support), "PX", TTL_MS);
      }),
    getSupport: () =>
      attempt("read translation support", async () => {
        const stored = await client.get(key("translation-support"));
        if (stored === null) return null;
        const value: unknown = JSON.parse(stored);
        const parsed = translationSupportSchema.safeParse(value);
        return parsed.success ? parsed.data : null;
      }),
  };
}
