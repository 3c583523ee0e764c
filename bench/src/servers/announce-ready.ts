import type { SettledMemory } from "../child";

const ROUNDS = 3;

/** Tells the driver that the server listens, and answers when it asks what the process holds. */
export function announceReady(): void {
  process.on("message", () => void settle());
  // A driver that fails leaves no server behind.
  process.on("disconnect", () => process.exit(1));
  process.send?.("ready");
}

/** Collections in turns of their own, so that what finalizers free is gone as well. */
async function settle(): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const { rss, heapUsed } = process.memoryUsage();
  process.send?.({ rssBytes: rss, heapBytes: heapUsed } satisfies SettledMemory);
}
