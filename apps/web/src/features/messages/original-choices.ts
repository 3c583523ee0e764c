import type { DraftStorage } from "./drafts";

/** Messages of which this device remembers that their original is to be shown; the oldest are forgotten. */
const REMEMBERED_MAX = 500;
const STORAGE_KEY = "ashchat.originals";

/** Which messages this device shows in their original although a translation is here: a small store for React. */
export function originalChoices(storage: DraftStorage | null) {
  const listeners = new Set<() => void>();
  let chosen = new Set(read());

  function read(): string[] {
    try {
      const kept: unknown = JSON.parse(storage?.getItem(STORAGE_KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter((key) => typeof key === "string").slice(-REMEMBERED_MAX) : [];
    } catch {
      // Unreadable or forbidden: nothing is remembered.
      return [];
    }
  }

  function keep(): void {
    try {
      storage?.setItem(STORAGE_KEY, JSON.stringify([...chosen]));
    } catch {
      // Full or forbidden: the choice lives as long as the page.
    }
  }

  return {
    has: (key: string): boolean => chosen.has(key),
    toggle(key: string): void {
      const next = new Set(chosen);
      if (!next.delete(key)) next.add(key);
      chosen = new Set([...next].slice(-REMEMBERED_MAX));
      keep();
      for (const listener of listeners) listener();
    },
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
