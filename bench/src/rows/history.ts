import { newId, type RoomId, type UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { readHistory } from "@ashchat/core/conversation/read-history";
import { connectDatabase, type Database } from "@ashchat/db/connect";
import { makeGroup, makePerson, must } from "@ashchat/db/testing/factories";
import mongoose from "mongoose";
import { fillRoom } from "../history/fill-room";
import { readBySkipping } from "../history/read-by-skipping";
import type { BenchOptions } from "../main";
import { quantile, ratiosOf, spreadOf, spreadText } from "../stats";

const ROUNDS = 3;
const PAGES = 60;
/** The stand-in keeps the keys of its indexes in memory, so it gets a tenth. */
const SIZES = { server: [1_000, 1_000_000], standIn: [1_000, 100_000], smoke: [200, 1_000] } as const;
const SMOKE_PAGES = 3;
const PLACES = ["newest", "middle", "oldest"] as const;
type Place = (typeof PLACES)[number];

interface Room {
  roomId: RoomId;
  userId: UserId;
  size: number;
}

/** p50 in ms of a page, per round. */
type Figures = Record<Place, { paged: number[]; skipped: number[] }>;

/**
 * Row 10: a page of 50 in the reader's language at three places of a large room, beside the same in a small room and beside
 * skip paging.
 */
export async function measureHistory(options: BenchOptions): Promise<void> {
  const url = new URL(options.mongodbUrl);
  url.pathname = `/bench-${newId("room").slice(-10)}`;
  const database = await connectDatabase({ url: url.href, appName: "bench", timeoutMs: LIMITS.databaseTimeoutMs });
  const native = await mongoose.createConnection(url.href).asPromise();
  await database.migrate();
  const { label, isStandIn } = must(await database.server());
  const sizes = SIZES[options.smoke ? "smoke" : isStandIn ? "standIn" : "server"];
  const rooms = [];
  for (const size of sizes) rooms.push(await openRoom(database, native, size));
  const figures = await measureRooms({ database, native }, rooms, options.smoke);
  await native.dropDatabase();
  await native.close();
  await database.close();
  console.log(`\nhistory, a page of ${LIMITS.historyPageMessages} on ${label}`);
  if (options.smoke) console.log("  not measured: a smoke run");
  else report(rooms, figures);
}

async function openRoom(database: Database, native: mongoose.Connection, size: number): Promise<Room> {
  const reader = await makePerson(database.stores, { language: "en" });
  const sender = await makePerson(database.stores, { language: "es" });
  const { room } = await makeGroup(database.stores, [reader.userId, sender.userId]);
  await fillRoom(native.collection("messages"), { roomId: room.roomId, senderId: sender.userId, size });
  return { roomId: room.roomId, userId: reader.userId, size };
}

interface Servers {
  database: Database;
  native: mongoose.Connection;
}

async function measureRooms(servers: Servers, rooms: readonly Room[], isShort: boolean): Promise<Figures[]> {
  const none = () => ({ paged: [], skipped: [] });
  const figures: Figures[] = rooms.map(() => ({ newest: none(), middle: none(), oldest: none() }));
  const pages = isShort ? SMOKE_PAGES : PAGES;
  for (let round = 0; round < (isShort ? 1 : ROUNDS); round += 1) {
    for (const place of PLACES) {
      for (const [index, room] of rooms.entries()) {
        const { paged, skipped } = figures[index]?.[place] ?? none();
        paged.push(await medianOf(pages, () => readPage(servers, room, place)));
        skipped.push(await medianOf(pages, () => skipPage(servers, room, place)));
      }
    }
  }
  return figures;
}

async function medianOf(count: number, read: () => Promise<number>): Promise<number> {
  const latencies: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const beganAt = performance.now();
    const size = await read();
    latencies.push(performance.now() - beganAt);
    if (size !== LIMITS.historyPageMessages) throw new Error(`a page of ${size}`);
  }
  return quantile(latencies, 0.5);
}

/** As a reader asks for it: the newest page, else what lies before a message. */
async function readPage({ database }: Servers, room: Room, place: Place): Promise<number> {
  const before = place === "newest" ? undefined : place === "middle" ? room.size / 2 : LIMITS.historyPageMessages + 1;
  const deps = { audience: database.audience, messages: database.stores.messages };
  const caller = { userId: room.userId, correlationId: "bench-history" };
  return must(await readHistory(deps, caller, { roomId: room.roomId, before })).messages.length;
}

async function skipPage({ native }: Servers, room: Room, place: Place): Promise<number> {
  const skip = { newest: 0, middle: room.size / 2, oldest: room.size - LIMITS.historyPageMessages }[place];
  return readBySkipping(native.collection("messages"), { roomId: room.roomId, skip });
}

function report(rooms: readonly Room[], figures: readonly Figures[]): void {
  const [small] = figures;
  for (const [index, room] of rooms.entries()) {
    for (const place of PLACES) {
      const { paged, skipped } = figures[index]?.[place] ?? { paged: [], skipped: [] };
      const besideSmall = ratiosOf(paged, small?.newest.paged ?? []);
      console.log(
        `  ${room.size} messages, ${place}: p50 ${spreadText(spreadOf(paged), 2)} ms, ` +
          `${spreadText(besideSmall, 2)}x the newest of the small room, ${spreadText(ratiosOf(paged, skipped), 2)}x of skip paging`,
      );
    }
  }
}
