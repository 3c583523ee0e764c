import { ok } from "@ashchat/contracts/result";
import type { TranslationCachePort } from "../translation-cache";

/** The shared cache as one process sees it, without a server; two translators on one of these are two processes. */
export function createMemoryCache(): TranslationCachePort & { readonly stored: Map<string, string> } {
  const stored = new Map<string, string>();
  const locks = new Map<string, Promise<unknown>>();
  return {
    stored,
    getMany: async (keys) =>
      ok(keys.map((key) => (stored.has(key) ? new TextEncoder().encode(stored.get(key) ?? "") : null))),
    async setMany(entries) {
      for (const { key, value } of entries) stored.set(key, value);
      return ok(undefined);
    },
    async singleFlight({ key, read, work }) {
      for (let ahead = locks.get(key); ahead !== undefined; ahead = locks.get(key)) await ahead.catch(() => undefined);
      const made = await read();
      if (made !== null) return made;
      const working = locks.get(key) === undefined ? work() : null;
      if (working === null) return this.singleFlight({ key, read, work, lockMs: 0, waitMs: 0 });
      locks.set(key, working);
      return working.finally(() => locks.delete(key));
    },
  };
}
