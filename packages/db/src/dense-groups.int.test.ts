import { newClientId, newId, type RoomId } from "@ashchat/contracts/ids";
import type { mongo } from "mongoose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDenseLog, type DenseLogOptions } from "./dense-log";
import { must, newMessage, testDatabase, type TestDatabase } from "./testing";
import { startTcpProxy } from "./testing/tcp-proxy";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

interface Line {
  roomId: RoomId;
  seq: number;
  changeId: string;
}
type NewLine = Omit<Line, "seq">;

/** A log as a process has it, and how many documents each of its inserts carried. */
function newProcess(overrides: Partial<DenseLogOptions<NewLine, Line>> = {}) {
  const inserts: number[] = [];
  const real = database.raw.collection<Line>("changes");
  const counting = new Proxy(real, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name !== "insertMany") return typeof value === "function" ? value.bind(target) : value;
      return (lines: Line[], options: mongo.BulkWriteOptions) => {
        inserts.push(lines.length);
        return target.insertMany(lines, options);
      };
    },
  });
  const log = createDenseLog<NewLine, Line>({
    label: "test",
    collection: () => counting,
    roomOf: (line) => line.roomId,
    keyOf: (line) => line.changeId,
    keyFilter: ({ changeId }) => ({ changeId }),
    toDocument: (line, seq) => ({ ...line, seq }),
    ...overrides,
  });
  return { log, inserts };
}

function line(roomId: RoomId): NewLine {
  return { roomId, changeId: newClientId() };
}

function newRooms(count: number): RoomId[] {
  return Array.from({ length: count }, () => newId("room"));
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

async function keysOf(roomId: RoomId): Promise<string[]> {
  const stored = await database.raw.collection<Line>("changes").find({ roomId }).sort({ seq: 1 }).toArray();
  expect(stored.map(({ seq }) => seq)).toEqual(upTo(stored.length));
  return stored.map(({ changeId }) => changeId);
}

/** Appends one line to each room, so that this process knows their heads. */
async function begin({ log }: ReturnType<typeof newProcess>, roomIds: readonly RoomId[]): Promise<void> {
  for (const appended of await Promise.all(roomIds.map((roomId) => log.append(line(roomId))))) must(appended);
}

describe("rooms share a command", () => {
  test("what arrives in one turn for known rooms is one insert, and a lone entry is one as well", async () => {
    const rooms = newRooms(20);
    const process = newProcess();
    await begin(process, rooms);
    process.inserts.length = 0;
    const appended = await Promise.all(rooms.flatMap((roomId) => [line(roomId), line(roomId)]).map(process.log.append));
    expect(appended.map((one) => must(one).stored.seq)).toEqual(rooms.flatMap(() => [2, 3]));
    expect(process.inserts).toEqual([40]);
    must(await process.log.append(line(newId("room"))));
    expect(process.inserts).toEqual([40, 1]);
  });

  test("P3: a room in which another process was faster goes on behind it; the rooms before and after are not disturbed", async () => {
    const [before, contested, after] = newRooms(3) as [RoomId, RoomId, RoomId];
    const mine = newProcess();
    const theirs = newProcess();
    await begin(mine, [before, contested, after]);
    const faster = line(contested);
    must(await theirs.log.append(faster));

    mine.inserts.length = 0;
    const lines = [before, contested, contested, after].map(line);
    const seqs = (await Promise.all(lines.map(mine.log.append))).map((one) => must(one).stored.seq);
    expect(seqs).toEqual([2, 3, 4, 2]);
    expect(mine.inserts.slice(0, 2)).toEqual([4, 1]);
    expect((await keysOf(contested)).slice(1)).toEqual([faster, lines[1], lines[2]].map((one) => one?.changeId));
    expect(await keysOf(before)).toHaveLength(2);
    expect(await keysOf(after)).toHaveLength(2);

    // From here on the contested room is written alone: meeting the other process again stops nobody else.
    must(await theirs.log.append(line(contested)));
    mine.inserts.length = 0;
    for (const one of await Promise.all([contested, before, after].map(line).map(mine.log.append))) must(one);
    expect(mine.inserts.toSorted(byNumber)).toEqual([1, 1, 2]);
    expect(await keysOf(contested)).toHaveLength(6);
  });

  test("P2: an entry of another room that had been stored before gets its old number, and nothing else moves", async () => {
    const [first, second, third] = newRooms(3) as [RoomId, RoomId, RoomId];
    const mine = newProcess();
    await begin(mine, [first, second, third]);
    const repeated = line(second);
    must(await mine.log.append(repeated));
    const lines = [line(first), repeated, line(second), line(third)];
    const stored = (await Promise.all(lines.map(mine.log.append))).map((one) => must(one));
    expect(stored.map((one) => [one.stored.seq, one.repeated])).toEqual([
      [2, false],
      [2, true],
      [3, false],
      [2, false],
    ]);
    for (const roomId of [first, second, third]) await keysOf(roomId);
  });

  test("a mistake of ours in one room fails that room's entries, not those that would have shared its command", async () => {
    const rooms = newRooms(3);
    const lines = rooms.map(line);
    const { log } = newProcess({
      toDocument(one, seq) {
        if (one === lines[1]) throw new Error("cannot be built");
        return { ...one, seq };
      },
    });
    const outcomes = await Promise.all(lines.map(log.append));
    expect(outcomes.map((one) => (one.ok ? one.value.stored.seq : one.error.code))).toEqual([1, "internal", 1]);
  });
});

describe("several rooms, several processes, connections that break", () => {
  const WRITERS = 64;
  const EACH = 4;

  test("P3: 64 concurrent writers over two processes and five rooms: each room dense, each device in its own order", async () => {
    const other = await database.connectAgain();
    const rooms = newRooms(5);
    const devices = upTo(WRITERS).map((number) => ({
      writer: (number % 2 === 0 ? database : other).stores.writer,
      roomId: rooms[number % rooms.length] ?? newId("room"),
      senderId: newId("usr"),
    }));
    const acks = await Promise.all(
      devices.map(async ({ writer, roomId, senderId }) => {
        // All at once: the order is the one in which they were handed over.
        const messages = upTo(EACH).map(() => newMessage({ roomId, senderId }));
        const outcomes = await Promise.all(messages.map((message) => writer.append(message)));
        return outcomes.map((outcome) => must(outcome).message);
      }),
    );
    for (const mine of acks) expect(mine.map(({ seq }) => seq)).toEqual(mine.map(({ seq }) => seq).toSorted(byNumber));
    for (const roomId of rooms) {
      const stored = await messagesOf(roomId);
      expect(stored.map(({ seq }) => seq)).toEqual(upTo(stored.length));
      const acked = acks.flat().filter((ack) => ack.roomId === roomId);
      expect(acked.map(({ clientId }) => clientId).toSorted()).toEqual(
        stored.map(({ clientId }) => clientId).toSorted(),
      );
    }
  });

  test("P1, P2: a lost answer of a command is unknown for each of its rooms, and every repeat finds what was stored", async () => {
    const { hostname, port } = new URL(database.url);
    const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
    const url = `${proxy.through(database.url)}?directConnection=true`;
    const far = await database.connectAgain({ url, timeoutMs: 1_000 });
    const rooms = newRooms(3);
    for (const roomId of rooms) must(await far.stores.writer.append(newMessage({ roomId })));
    const messages = rooms.map((roomId) => newMessage({ roomId }));

    proxy.loseReplies();
    const unknown = await Promise.all(messages.map((message) => far.stores.writer.append(message)));
    proxy.restore();
    expect(unknown.map((one) => (one.ok ? "stored" : one.error.retryable))).toEqual([true, true, true]);

    const near = database.stores.writer;
    const repeats = await Promise.all(messages.map((one) => near.append({ ...one, messageId: newId("msg") })));
    expect(repeats.map((one) => must(one))).toMatchObject(
      messages.map(({ messageId }) => ({ repeated: true, message: { seq: 2, messageId } })),
    );
    for (const roomId of rooms) expect(await messagesOf(roomId)).toHaveLength(2);
    await far.close();
    await proxy.close();
  });
});

function byNumber(left: number, right: number): number {
  return left - right;
}

async function messagesOf(roomId: RoomId): Promise<{ seq: number; clientId: string }[]> {
  const stored = await database.raw.collection("messages").find({ roomId }).sort({ seq: 1 }).toArray();
  return stored.map(({ seq, clientId }) => ({ seq: Number(seq), clientId: String(clientId) }));
}
