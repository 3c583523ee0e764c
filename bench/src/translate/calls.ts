import type { Language } from "@ashchat/contracts/languages";
import { startRecordingEngine, type RecordingEngine } from "@ashchat/translate/testing/recording-engine";
import type { BenchOptions } from "../main";
import { ratiosOf, spreadOf, spreadText } from "../stats";
import { openTranslationHouse } from "./house";
import { ordinaryText, READERS } from "./texts";
import { startWorker } from "./worker";

const ROUNDS = 3;
const RECIPIENTS = 50;
const SMOKE_RECIPIENTS = 10;
const MESSAGES = 120;
const SMOKE_MESSAGES = 6;
/** People say the same things: a third of the messages repeats another. */
const DISTINCT_SHARE = 2 / 3;
const AT_ONCE = 16;

/** Calls are single translations; a cloud engine bills code points. */
interface Asked {
  requests: number;
  calls: number;
  codePoints: number;
}

type Policy = "ours" | "a call a recipient" | "a call a language";

/**
 * Row 12: what an engine is asked for the same messages in a room of 50 recipients in five languages, by two translation
 * processes and by clients that ask once a recipient, and once a message and language.
 */
export async function measureEngineCalls(options: BenchOptions): Promise<void> {
  const count = options.smoke ? SMOKE_MESSAGES : MESSAGES;
  const recipientCount = options.smoke ? SMOKE_RECIPIENTS : RECIPIENTS;
  const recipients = Array.from({ length: recipientCount }, (_, index) => READERS[index % READERS.length] ?? "de");
  const distinct = Math.ceil(count * DISTINCT_SHARE);
  const rounds: Record<Policy, Asked[]> = { ours: [], "a call a recipient": [], "a call a language": [] };
  let repeated = 0;
  for (let round = 0; round < (options.smoke ? 1 : ROUNDS); round += 1) {
    const texts = Array.from({ length: count }, (_, index) => ordinaryText(round * count + (index % distinct)));
    const ours = await askByWorkers(options, { texts, recipients });
    rounds.ours.push(ours.asked);
    repeated += ours.repeated;
    rounds["a call a recipient"].push(await askDirectly(texts, recipients));
    rounds["a call a language"].push(await askDirectly(texts, READERS));
  }
  const told = `${count} messages, ${recipientCount} recipients, ${READERS.length} languages, 2 processes`;
  report(rounds, { told, pairs: distinct * READERS.length, repeated });
}

async function askByWorkers(
  options: BenchOptions,
  { texts, recipients }: { texts: readonly string[]; recipients: readonly Language[] },
): Promise<{ asked: Asked; repeated: number }> {
  const engine = await startRecordingEngine(0, 0);
  const house = await openTranslationHouse(options);
  const room = await house.openRoom(recipients);
  const ports = [options.firstPort, options.firstPort + 1];
  const workers = await Promise.all(ports.map((port) => startWorker(house, engine.url, port)));
  const waiting: Promise<number>[] = [];
  await inTurns(texts, async (text) => void waiting.push((await room.say(text)).translatedAt));
  await Promise.all(waiting);
  await Promise.all(workers.map((worker) => worker.stop()));
  await house.close();
  const repeated = [...engine.calls.values()].reduce((sum, calls) => sum + calls - 1, 0);
  return { asked: await closeAndCount(engine), repeated };
}

async function askDirectly(texts: readonly string[], targets: readonly string[]): Promise<Asked> {
  const engine = await startRecordingEngine(0, 0);
  const calls = texts.flatMap((q) => targets.map((target) => ({ q, target })));
  await inTurns(calls, async ({ q, target }) => {
    const body = JSON.stringify({ q, source: "en", target, format: "text" });
    const headers = { "content-type": "application/json" };
    await (await fetch(`${engine.url}/translate`, { method: "POST", headers, body })).arrayBuffer();
  });
  return closeAndCount(engine);
}

async function closeAndCount(engine: RecordingEngine): Promise<Asked> {
  const { requests, codePoints } = engine.totals();
  const calls = [...engine.calls.values()].reduce((sum, times) => sum + times, 0);
  await engine.close();
  return { requests, calls, codePoints };
}

async function inTurns<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const lane = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

function report(
  rounds: Readonly<Record<Policy, readonly Asked[]>>,
  { told, pairs, repeated }: { told: string; pairs: number; repeated: number },
): void {
  console.log(`\nengine calls, ${told}`);
  const pick = (policy: Policy, field: keyof Asked) => rounds[policy].map((asked) => asked[field]);
  for (const policy of ["ours", "a call a recipient", "a call a language"] as const) {
    const figure = (field: keyof Asked) => spreadText(spreadOf(pick(policy, field)), 0);
    console.log(
      `  ${policy}: ${figure("calls")} texts in ${figure("requests")} requests, ${figure("codePoints")} code points`,
    );
    if (policy === "ours") continue;
    const ratio = (field: keyof Asked) => spreadText(ratiosOf(pick("ours", field), pick(policy, field)), 3);
    console.log(`    ours beside ${policy}: ${ratio("calls")}x texts, ${ratio("codePoints")}x code points`);
  }
  console.log(`  distinct (text, language) pairs ${pairs}, asked more than once ${repeated}`);
  if (repeated > 0 || pick("ours", "calls").some((calls) => calls !== pairs)) process.exitCode = 1;
}
