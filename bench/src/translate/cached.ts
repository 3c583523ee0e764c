import { newId } from "@ashchat/contracts/ids";
import * as z from "zod/mini";
import { runMeasurement } from "../child";
import type { BenchOptions } from "../main";
import { differencesOf, ratiosOf, spreadOf, spreadText } from "../stats";

const TARGETS = ["translator", "mget", "translated", "untranslated"] as const;
type Target = (typeof TARGETS)[number];

const roundsSchema = z.array(
  z.object({
    name: z.enum(TARGETS),
    perSecond: z.number(),
    p50Ms: z.number(),
    p99Ms: z.number(),
    engineCalls: z.number(),
  }),
);
type Rounds = z.infer<typeof roundsSchema>;

const ROUNDS = 3;
const MEASURE_MS = 3_000;
const SMOKE_MS = 300;
/** In five languages more than a process remembers. */
const TEXTS = 4_000;
const SMOKE_TEXTS = 100;

/**
 * Row 11: the translator with a warm Redis cache, five languages a message, beside Redis answering MGET for five keys, both at
 * what they can do; and the way of a message (language, translation, announcement) with and without translation, at a fixed rate.
 */
export async function measureCachedTranslation({ smoke, redisUrl }: BenchOptions): Promise<void> {
  const namespace = `bench-${newId("room").slice(-10)}`;
  const sizes = smoke ? [SMOKE_TEXTS, SMOKE_MS, 1] : [TEXTS, MEASURE_MS, ROUNDS];
  report(roundsSchema.parse(await runMeasurement("cached-translation", [redisUrl, namespace, ...sizes.map(String)])));
}

function report(rounds: Rounds): void {
  type Figure = "perSecond" | "p50Ms" | "p99Ms";
  const values = (target: Target, field: Figure) =>
    rounds.filter(({ name }) => name === target).map((round) => round[field]);
  console.log("\ntranslation, cached, 5 languages a message");
  for (const target of TARGETS) {
    const figure = (field: Figure, digits: number) => spreadText(spreadOf(values(target, field)), digits);
    console.log(
      `  ${target}: ${figure("perSecond", 0)} messages/s, p50 ${figure("p50Ms", 2)} ms, p99 ${figure("p99Ms", 2)} ms`,
    );
  }
  const ratio = ratiosOf(values("translator", "perSecond"), values("mget", "perSecond"));
  console.log(`    translator beside mget: ${spreadText(ratio, 2)}x messages/s`);
  const added = differencesOf(values("translated", "p50Ms"), values("untranslated", "p50Ms"));
  console.log(`    translated beside untranslated: + ${spreadText(added, 2)} ms p50`);
  // A miss makes it another measurement: Redis did not answer in time, because the machine was busy with something else.
  const misses = rounds.reduce((sum, { engineCalls }) => sum + engineCalls, 0);
  if (misses > 0) console.log(`  not warm: the engine was asked ${misses} times`);
}
