import { LIMITS } from "@ashchat/contracts/limits";
import { ok } from "@ashchat/contracts/result";
import { connectRedis } from "@ashchat/redis/connect";
import { systemClock } from "@ashchat/runtime/clock";
import { createLogger } from "@ashchat/runtime/logger";
import { createMetrics } from "@ashchat/runtime/metrics";
import { createDetector } from "@ashchat/translate/detect";
import type { Engine } from "@ashchat/translate/engine";
import { createTranslator } from "@ashchat/translate/translator";
import { Redis } from "ioredis";
import { inOpenLoop, inClosedLoop } from "../paced-loops";
import { ordinaryText, READERS } from "../translate/texts";

/**
 * What a warm cache costs, measured in a process of its own: fills Redis, then measures every target once a round, and sends
 * all of it. There are more texts than a process remembers, so every look goes to Redis.
 * Run: tsx src/servers/cached-translation.ts REDIS_URL NAMESPACE TEXTS MEASURE_MS ROUNDS
 */
const [redisUrl = "", namespace = "", textsMax = "", measureMs = "", roundCount = ""] = process.argv.slice(2);

const SECRET = "of the bench alone, of no value to anybody";
const IN_FLIGHT = 64;
const RATE_PER_SECOND = 500;
const WARMED_AT_ONCE = 50;
const PEER_CHANNEL = `${namespace}:peer`;
/** Of an ordinary cached translation. */
const PEER_VALUE = JSON.stringify({ engine: "bench", text: ordinaryText(1) });

const texts = Array.from({ length: Number(textsMax) }, (_, index) => ordinaryText(index));
const log = createLogger({ name: "bench", level: "error", pretty: false });
const redis = await connectRedis({ url: redisUrl, namespace, log, metrics: createMetrics({ process: "bench" }) });
const peer = new Redis(redisUrl);
const detector = createDetector();
await detector.ready();

let engineCalls = 0;
const engine: Engine = {
  name: "bench",
  version: "1",
  offline: true,
  supports: async () => ok(READERS.map((to) => ({ from: "en" as const, to }))),
  translate: async ({ texts: asked, to }) => {
    engineCalls += 1;
    return ok(asked.map((text) => `[${to}] ${text}`));
  },
};
const translator = createTranslator({
  engines: [engine],
  cache: redis.cache,
  secret: SECRET,
  timeoutMs: LIMITS.translateTimeoutMs,
  clock: systemClock,
});
await translator.refresh();

let next = 0;
const nextIndex = () => (next = (next + 1) % texts.length);
const textAt = (index: number) => texts[index] ?? "";
const keysAt = (index: number) => READERS.map((to) => `${PEER_CHANNEL}:${index}:${to}`);

const TARGETS: Readonly<Record<string, (index: number) => Promise<unknown>>> = {
  translator: (index) => translateAll(textAt(index)),
  mget: (index) => peer.mgetBuffer(...keysAt(index)),
  // What happens to a message on its way: its language is told, it is translated, it is announced.
  translated: async (index) => announce(textAt(index), await translateAll(textAt(index))),
  untranslated: (index) => announce(textAt(index), []),
};

function translateAll(text: string) {
  return translator.translateMany(READERS.map((to) => ({ text, from: "en", to })));
}

function announce(text: string, translations: readonly unknown[]): Promise<unknown> {
  return peer.publish(PEER_CHANNEL, JSON.stringify({ language: detector.detect(text) ?? "en", text, translations }));
}

async function warm(): Promise<void> {
  for (let from = 0; from < texts.length; from += WARMED_AT_ONCE) {
    await Promise.all(texts.slice(from, from + WARMED_AT_ONCE).map(translateAll));
  }
  const pipeline = peer.pipeline();
  for (const index of texts.keys()) for (const key of keysAt(index)) pipeline.set(key, PEER_VALUE);
  await pipeline.exec();
}

async function measure(name: string, work: (index: number) => Promise<unknown>) {
  engineCalls = 0;
  const loop = { once: () => work(nextIndex()), measureMs: Number(measureMs) };
  const isPaced = name === "translated" || name === "untranslated";
  const round = isPaced
    ? await inOpenLoop({ ...loop, perSecond: RATE_PER_SECOND })
    : await inClosedLoop({ ...loop, inFlight: IN_FLIGHT });
  return { name, ...round, engineCalls };
}

await warm();
const rounds = [];
for (let round = 0; round < Number(roundCount); round += 1) {
  for (const [name, work] of Object.entries(TARGETS)) rounds.push(await measure(name, work));
}
process.send?.(rounds, () => process.exit(0));
