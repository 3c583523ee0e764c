import { LIMITS } from "@ashchat/contracts/limits";
import { mapSideBySide } from "@ashchat/db/portions";
import { startRecordingEngine } from "@ashchat/translate/testing/recording-engine";
import type { BenchOptions } from "../main";
import { quantile, ratiosOf, spreadOf, spreadText } from "../stats";
import { openTranslationHouse, type SaidMessage, type TranslationHouse, type TranslationRoom } from "./house";
import { ordinaryText, READERS } from "./texts";
import { startPrefetchOne, startWorker, type Worker } from "./worker";

const ROUNDS = 3;
const ENGINE_DELAY_MS = 150;
const ROOMS = 8;
const SMOKE_ROOMS = 2;
/** Enough for some seconds of ours, few enough for the peer, which makes six translations a second. */
const OURS_MESSAGES = 500;
const PEER_MESSAGES = 16;
const CALM_MESSAGES = 30;
const CALM_GAP_MS = 150;
/** Slow enough that the writes of five translations a message do not fill the database: then everything would wait. */
const ORIGINALS = 150;
const ORIGINALS_GAP_MS = 40;
const SMOKE_SHARE = 0.02;

interface Round {
  ours: number;
  peer: number;
  p50Ms: number;
  withTranslationP99Ms: number;
  withoutP99Ms: number;
}

/**
 * Row 13: an engine that takes 150 ms and a cache that never helps. What a translation process finishes in a second beside one
 * that takes a job at a time; how long one translation takes where nothing waits; and whether the original waits for it.
 */
export async function measureUncachedTranslation(options: BenchOptions): Promise<void> {
  const rounds: Round[] = [];
  for (let round = 0; round < (options.smoke ? 1 : ROUNDS); round += 1) rounds.push(await measureRound(options, round));
  report(rounds);
}

async function measureRound(options: BenchOptions, round: number): Promise<Round> {
  const share = options.smoke ? SMOKE_SHARE : 1;
  const some = (count: number) => Math.max(2, Math.round(count * share));
  let next = round * 2_000;
  const newText = () => ordinaryText((next += 1));
  const engine = await startRecordingEngine(0, ENGINE_DELAY_MS);
  const ours = await inHouse(options, {
    start: (house) => startWorker(house, engine.url, options.firstPort),
    async measure(rooms, silentRooms) {
      const calm = await sayCalmly(rooms, { count: some(CALM_MESSAGES), gapMs: CALM_GAP_MS, newText });
      const latencies = await Promise.all(calm.map(async (said) => (await said.translatedAt) - said.saidAt));
      const pace = { count: some(ORIGINALS), gapMs: ORIGINALS_GAP_MS, newText };
      const without = await originalsP99(await sayCalmly(silentRooms, pace));
      const withTranslation = await sayCalmly(rooms, pace);
      const withTranslationP99Ms = await originalsP99(withTranslation);
      await Promise.all(withTranslation.map((said) => said.translatedAt));
      const perSecond = await translationsPerSecond(rooms, some(OURS_MESSAGES), newText);
      return { ours: perSecond, p50Ms: quantile(latencies, 0.5), withTranslationP99Ms, withoutP99Ms: without };
    },
  });
  const peer = await inHouse(options, {
    start: (house) => startPrefetchOne(house, engine.url),
    measure: (rooms) => translationsPerSecond(rooms, some(PEER_MESSAGES), newText),
  });
  await engine.close();
  return { ...ours, peer };
}

interface Measurement<Value> {
  start(house: TranslationHouse): Promise<Worker>;
  /** In the silent rooms everybody reads what is written. */
  measure(rooms: readonly TranslationRoom[], silentRooms: readonly TranslationRoom[]): Promise<Value>;
}

async function inHouse<Value>(options: BenchOptions, { start, measure }: Measurement<Value>): Promise<Value> {
  const house = await openTranslationHouse(options);
  const rooms: TranslationRoom[] = [];
  const silentRooms: TranslationRoom[] = [];
  for (let index = 0; index < (options.smoke ? SMOKE_ROOMS : ROOMS); index += 1) {
    rooms.push(await house.openRoom(READERS));
    silentRooms.push(await house.openRoom(READERS.map(() => "en")));
  }
  const worker = await start(house);
  // The first job of a consumer goes alone; it is not part of what is measured.
  await Promise.all(rooms.map(async (room) => (await room.say("Good morning, everybody")).translatedAt));
  const value = await measure(rooms, silentRooms);
  await worker.stop();
  await house.close();
  return value;
}

/** Faster than they are translated, so that the queue is never empty; from the first word to the last translation. */
async function translationsPerSecond(
  rooms: readonly TranslationRoom[],
  count: number,
  newText: () => string,
): Promise<number> {
  const beganAt = performance.now();
  const indexes = Array.from({ length: count }, (_, index) => index);
  const said = await mapSideBySide(indexes, LIMITS.databaseParallelReads, (index) =>
    roomAt(rooms, index).say(newText()),
  );
  const endedAt = Math.max(...(await Promise.all(said.map((one) => one.translatedAt))));
  return (count * READERS.length * 1_000) / (endedAt - beganAt);
}

async function sayCalmly(
  rooms: readonly TranslationRoom[],
  { count, gapMs, newText }: { count: number; gapMs: number; newText: () => string },
): Promise<SaidMessage[]> {
  const saying: Promise<SaidMessage>[] = [];
  for (let index = 0; index < count; index += 1) {
    saying.push(roomAt(rooms, index).say(newText()));
    await new Promise((resolve) => setTimeout(resolve, gapMs));
  }
  return Promise.all(saying);
}

async function originalsP99(said: readonly SaidMessage[]): Promise<number> {
  return quantile(await Promise.all(said.map(async (one) => (await one.heardAt) - one.saidAt)), 0.99);
}

function roomAt(rooms: readonly TranslationRoom[], index: number): TranslationRoom {
  const room = rooms[index % rooms.length];
  if (room === undefined) throw new Error("there is no room");
  return room;
}

function report(rounds: readonly Round[]): void {
  const values = (field: keyof Round) => rounds.map((round) => round[field]);
  const figure = (field: keyof Round, digits: number) => spreadText(spreadOf(values(field)), digits);
  console.log(`\ntranslation, uncached, engine of ${ENGINE_DELAY_MS} ms`);
  console.log(`  ours: ${figure("ours", 0)} translations/s; prefetch 1: ${figure("peer", 1)} translations/s`);
  console.log(`    ours beside prefetch-1: ${spreadText(ratiosOf(values("ours"), values("peer")), 1)}x`);
  const beyond = spreadOf(values("p50Ms").map((p50Ms) => p50Ms - ENGINE_DELAY_MS));
  console.log(`  from the word to its last translation: p50 engine + ${spreadText(beyond, 0)} ms`);
  console.log(
    `  the original: p99 ${figure("withTranslationP99Ms", 1)} ms, without translation ${figure("withoutP99Ms", 1)} ms, ` +
      `${spreadText(ratiosOf(values("withTranslationP99Ms"), values("withoutP99Ms")), 2)}x`,
  );
}
