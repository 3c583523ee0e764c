import { newClientId, newId } from "@ashchat/contracts/ids";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { NewMessage } from "@ashchat/core/ports";
import { must, newMessage, testDatabase, type TestDatabase } from "./testing";
import { startTcpProxy } from "./testing/tcp-proxy";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

/** Everything that is stored in a room, in its order. */
async function logOf(roomId: string): Promise<{ seq: number; clientId: string }[]> {
  const stored = await database.raw.collection("messages").find({ roomId }).sort({ seq: 1 }).toArray();
  return stored.map(({ seq, clientId }) => ({ seq: Number(seq), clientId: String(clientId) }));
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function messagesIn(roomId: NewMessage["roomId"], count: number): NewMessage[] {
  return Array.from({ length: count }, () => newMessage({ roomId }));
}

describe("the order of a room", () => {
  test("P3: 64 concurrent writers over two processes give 1…n without holes or doubles, and every ack tells the truth", async () => {
    const WRITERS = 64;
    const EACH = 4;
    const other = await database.connectAgain();
    const roomId = newId("room");
    const clients = Array.from({ length: WRITERS }, (_, index) => ({
      writer: index % 2 === 0 ? database.stores.writer : other.stores.writer,
      senderId: newId("usr"),
    }));

    const acks = await Promise.all(
      clients.map(async ({ writer, senderId }) => {
        const mine: { seq: number; clientId: string }[] = [];
        for (let count = 0; count < EACH; count += 1) {
          const { message } = must(await writer.append(newMessage({ roomId, senderId })));
          mine.push({ seq: message.seq, clientId: message.clientId });
        }
        return mine;
      }),
    );

    const log = await logOf(roomId);
    expect(log.map((entry) => entry.seq)).toEqual(upTo(WRITERS * EACH));
    expect(new Set(log.map((entry) => entry.clientId)).size).toBe(WRITERS * EACH);
    expect(acks.flat().toSorted((a, b) => a.seq - b.seq)).toEqual(log);
    for (const mine of acks)
      expect(mine.map((ack) => ack.seq)).toEqual(mine.map((ack) => ack.seq).toSorted((a, b) => a - b));
    const readers = [database, other].map(async ({ stores }) =>
      must(await stores.messages.page({ roomId, after: 0, before: null, limit: 500, newest: false })),
    );
    const [first, second] = await Promise.all(readers);
    expect(first?.map(({ seq, clientId }) => ({ seq, clientId }))).toEqual(log);
    expect(second).toEqual(first);
  });

  test("P3: messages handed over together keep the order in which they were handed over", async () => {
    const roomId = newId("room");
    const messages = messagesIn(roomId, 200);
    await Promise.all(messages.map((message) => database.stores.writer.append(message)));
    expect((await logOf(roomId)).map((entry) => entry.clientId)).toEqual(messages.map((message) => message.clientId));
  });

  test("a message is found as it was sent, with its pending translations and nothing of the house's work", async () => {
    const message = newMessage({ needs: ["en", "fr"], text: "¿qué tal?" });
    const { message: stored, repeated } = must(await database.stores.writer.append(message));
    const { needs: _needs, ...sent } = message;
    expect(repeated).toBe(false);
    expect(stored).toEqual({
      ...sent,
      seq: 1,
      revision: 1,
      version: 1,
      editedAt: null,
      deletedAt: null,
      translations: { en: { status: "pending", revision: 1 }, fr: { status: "pending", revision: 1 } },
    });
    expect(must(await database.stores.messages.find(message.roomId, 1))).toEqual(stored);
  });
});

describe("P2: the same clientId is the same message for ever", () => {
  test("repeated later, at the same time, and through another process", async () => {
    const other = await database.connectAgain();
    const message = newMessage();
    const again = () => ({ ...message, messageId: newId("msg") });
    const outcomes = await Promise.all([
      database.stores.writer.append(message),
      database.stores.writer.append(again()),
      other.stores.writer.append(again()),
      other.stores.writer.append(again()),
    ]);
    const later = await other.stores.writer.append(again());
    const stored = [...outcomes, later].map((outcome) => must(outcome));

    expect(new Set(stored.map(({ message: { seq, messageId } }) => `${seq} ${messageId}`)).size).toBe(1);
    expect(stored.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(await logOf(message.roomId)).toEqual([{ seq: 1, clientId: message.clientId }]);
  });

  test("the same clientId of another sender is another message", async () => {
    const roomId = newId("room");
    const clientId = newClientId();
    const first = must(await database.stores.writer.append(newMessage({ roomId, clientId })));
    const second = must(await database.stores.writer.append(newMessage({ roomId, clientId })));
    expect([first.message.seq, second.message.seq]).toEqual([1, 2]);
    expect([first.repeated, second.repeated]).toEqual([false, false]);
  });

  test.each([
    ["in the middle", [3, 7]],
    ["at the beginning", [0, 1]],
    ["at the end", [8, 9]],
    ["everywhere", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ])("repeats %s of a batch get their old number, the others the next ones", async (_name, repeatedAt) => {
    const roomId = newId("room");
    const batch = messagesIn(roomId, 10);
    const other = await database.connectAgain();
    const old = batch.filter((_, index) => repeatedAt.includes(index));
    for (const message of old) must(await other.stores.writer.append(message));

    // The first keeps the writer busy, so that the ten go out as one insert.
    const busy = database.stores.writer.append(newMessage({ roomId }));
    const repeats = batch.map((message) => ({ ...message, messageId: newId("msg") }));
    const outcomes = await Promise.all(repeats.map((message) => database.stores.writer.append(message)));
    must(await busy);

    const stored = outcomes.map((outcome) => must(outcome));
    expect(stored.map(({ repeated }) => repeated)).toEqual(batch.map((_, index) => repeatedAt.includes(index)));
    const log = await logOf(roomId);
    expect(log.map((entry) => entry.seq)).toEqual(upTo(11));
    for (const [index, { message }] of stored.entries()) {
      expect(message.clientId).toBe(batch[index]?.clientId);
      expect(log.find((entry) => entry.seq === message.seq)?.clientId).toBe(message.clientId);
    }
  });
});

describe("P1, P2: a connection that breaks in the middle", () => {
  const server = () => {
    const { hostname, port } = new URL(database.url);
    return { host: hostname, port: Number(port) };
  };

  test("a send whose answer was lost is unknown to the sender, and its repeat finds the stored message", async () => {
    const proxy = await startTcpProxy(server());
    const far = await database.connectAgain({
      url: `${proxy.through(database.url)}?directConnection=true`,
      timeoutMs: 1_000,
    });
    const roomId = newId("room");
    must(await far.stores.writer.append(newMessage({ roomId })));
    const message = newMessage({ roomId });

    proxy.loseReplies();
    const unknown = await far.stores.writer.append(message);
    proxy.restore();
    expect(unknown.ok ? "stored" : unknown.error.retryable).toBe(true);
    expect((await logOf(roomId)).map((entry) => entry.seq)).toEqual([1, 2]);

    const repeat = await appendUntilAnswered(() => far.stores.writer.append({ ...message, messageId: newId("msg") }));
    expect(repeat).toMatchObject({ repeated: true, message: { seq: 2, messageId: message.messageId } });
    expect(await logOf(roomId)).toHaveLength(2);
    await far.close();
    await proxy.close();
  });

  test("cut again and again under load, every send is repeated until it is answered: dense, no doubles, nothing lost", async () => {
    const proxy = await startTcpProxy(server());
    const far = await database.connectAgain({
      url: `${proxy.through(database.url)}?directConnection=true`,
      timeoutMs: 1_000,
    });
    const roomId = newId("room");
    const CUTS = 5;
    const messages = messagesIn(roomId, 60);
    let answered = 0;
    const sends = messages.map(async (message, index) => {
      const writer = index % 3 === 0 ? database.stores.writer : far.stores.writer;
      const appended = await appendUntilAnswered(() => writer.append(message));
      answered += 1;
      if (answered % (messages.length / CUTS) === 0) {
        proxy.cut();
        proxy.restore();
      }
      return appended.message;
    });
    const acked = await Promise.all(sends);

    const log = await logOf(roomId);
    expect(log.map((entry) => entry.seq)).toEqual(upTo(messages.length));
    const acks = acked.map(({ seq, clientId }) => ({ seq, clientId })).toSorted((a, b) => a.seq - b.seq);
    expect(acks).toEqual(log);
    await far.close();
    await proxy.close();
  });

  test("P11: a server that cannot be reached is a retryable failure within the deadline, not a wait without end", async () => {
    const proxy = await startTcpProxy(server());
    const far = await database.connectAgain({
      url: `${proxy.through(database.url)}?directConnection=true`,
      timeoutMs: 500,
    });
    proxy.cut();
    const outcome = await far.stores.writer.append(newMessage());
    expect(outcome.ok ? "stored" : outcome.error.code).toMatch(/^(unavailable|timeout)$/);
    await far.close();
    await proxy.close();
  });
});

/** Repeats as a client does, while the answer is retryable; with a bound. */
async function appendUntilAnswered<Value>(
  append: () => Promise<{ ok: true; value: Value } | { ok: false; error: { retryable: boolean; code: string } }>,
): Promise<Value> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const outcome = await append();
    if (outcome.ok) return outcome.value;
    if (!outcome.error.retryable || Date.now() > deadline) throw new Error(outcome.error.code);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
