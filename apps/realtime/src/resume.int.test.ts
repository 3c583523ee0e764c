import { newClientId, newId, type RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { recordTranslation } from "@ashchat/core/conversation/record-translation";
import { deleteMessage } from "@ashchat/core/conversation/delete-message";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Client } from "./testing/client";
import { must, startHarness, type Harness, type Person, type TestNode } from "./testing/harness";

let house: Harness;
let node: TestNode;

beforeAll(async () => {
  house = await startHarness();
  node = await house.startNode();
});
afterAll(() => house.close());

interface Talk {
  readonly ana: Person;
  readonly ben: Person;
  readonly roomId: RoomId;
}

async function aTalk(): Promise<Talk> {
  const [ana, ben] = [await house.person("es"), await house.person("en")];
  return { ana, ben, roomId: await house.direct(ana, ben) };
}

/** Messages as another process writes them, unannounced. */
async function write({ ana, roomId }: Talk, count: number, text = (index: number) => `text ${index}`): Promise<void> {
  const { writer } = house.database.stores;
  for (let from = 0; from < count; from += LIMITS.appendBatchMessagesMax) {
    const part = Array.from(
      { length: Math.min(count - from, LIMITS.appendBatchMessagesMax) },
      (_, index) => from + index + 1,
    );
    const written = await Promise.all(
      part.map((number) =>
        writer.append({
          messageId: newId("msg"),
          clientId: newClientId(),
          roomId,
          senderId: ana.userId,
          text: text(number),
          language: "es" as const,
          sentAt: Date.now(),
          needs: ["en" as const],
        }),
      ),
    );
    written.forEach((result) => must(result));
  }
}

async function translate({ roomId }: Talk, seq: number, text: string): Promise<void> {
  const { messages, rooms } = house.database.stores;
  const deps = {
    messages,
    rooms,
    announcer: house.elsewhere.announcer,
    newChangeId: () => newId("chg"),
  };
  const translation = { status: "done", revision: 1, text, engine: "test", at: Date.now() } as const;
  must(
    await recordTranslation(
      { ...deps, clock: { now: Date.now } },
      { roomId, seq, revision: 1, language: "en", translation },
    ),
  );
}

async function resume(client: Client, roomId: RoomId, cursor = { seq: 0, changeSeq: 0 }) {
  client.send({ t: "resume", cursors: [{ roomId, ...cursor }] });
  return await client.next("caught_up", (frame) => frame.roomId === roomId);
}

const upTo = (head: number, from = 1) => Array.from({ length: head - from + 1 }, (_, index) => from + index);

describe("resume", () => {
  it("with nothing missed answers caught_up alone", async () => {
    const talk = await aTalk();
    await write(talk, 3);
    const client = await house.connect(node, talk.ben);
    expect(client.all("ready")[0]?.rooms).toMatchObject([{ roomId: talk.roomId, head: 3, changeHead: 0 }]);
    expect(await resume(client, talk.roomId, { seq: 3, changeSeq: 0 })).toMatchObject({
      cursor: { seq: 3, changeSeq: 0 },
    });
    expect(client.all("page")).toEqual([]);
  });

  it("after one missed message brings that one, from memory", async () => {
    const talk = await aTalk();
    const writer = await house.connect(node, talk.ana);
    const before = await house.connect(node, talk.ben);
    writer.say(talk.roomId, "one");
    await before.next("message");
    before.terminate();
    await before.closed();
    writer.say(talk.roomId, "two");
    await writer.next("ack", ({ seq }) => seq === 2);
    const client = await house.connect(node, talk.ben);
    const { cursor } = await resume(client, talk.roomId, { seq: 1, changeSeq: 0 });
    expect(cursor).toEqual({ seq: 2, changeSeq: 0 });
    expect(client.all("page")).toMatchObject([
      { from: { seq: 1 }, to: { seq: 2 }, messages: [{ seq: 2, text: "two" }] },
    ]);
    expect(await node.metricsText()).toMatch(/realtime_resumes_total\{source="ring".*\} [1-9]/);
  });

  it("after 1,000 missed messages brings each once and in order, in pages of at most 100", async () => {
    const talk = await aTalk();
    await write(talk, 1_000);
    const client = await house.connect(node, talk.ben);
    const { cursor } = await resume(client, talk.roomId);
    expect(cursor).toEqual({ seq: 1_000, changeSeq: 0 });
    expect(client.seqs(talk.roomId)).toEqual(upTo(1_000));
    const pages = client.all("page");
    for (const page of pages) expect(page.messages.length).toBeLessThanOrEqual(LIMITS.resumePageMessages);
    expect(pages.map((page) => page.from.seq)).toEqual([0, ...pages.slice(0, -1).map((page) => page.to.seq)]);
  });

  it("while others go on writing misses nothing and repeats nothing, and then goes on live", async () => {
    const talk = await aTalk();
    await write(talk, 500);
    const writer = await house.connect(node, talk.ana);
    const client = await house.connect(node, talk.ben);
    client.send({ t: "resume", cursors: [{ roomId: talk.roomId, seq: 0, changeSeq: 0 }] });
    let sent = 0;
    while (client.all("caught_up").length === 0 || sent < 50) {
      writer.say(talk.roomId, `live ${sent}`);
      sent += 1;
      await writer.next("ack", ({ seq }) => seq === 500 + sent);
    }
    await client.next("message", ({ message }) => message.seq === 500 + sent);
    expect(client.seqs(talk.roomId)).toEqual(upTo(500 + sent));
    const caughtUpAt = client.frames.findIndex((frame) => frame.t === "caught_up");
    const pagesAfter = client.frames.slice(caughtUpAt).filter((frame) => frame.t === "page");
    expect(pagesAfter).toEqual([]);
  });

  it("of a gap over 2,000 answers resync, and live frames go on", async () => {
    const talk = await aTalk();
    await write(talk, LIMITS.resumeGapMax + 1);
    const client = await house.connect(node, talk.ben);
    client.send({ t: "resume", cursors: [{ roomId: talk.roomId, seq: 0, changeSeq: 0 }] });
    await client.next("resync", ({ roomId }) => roomId === talk.roomId);
    expect(client.all("page")).toEqual([]);
    const writer = await house.connect(node, talk.ana);
    writer.say(talk.roomId, "next");
    await client.next("message", ({ message }) => message.seq === LIMITS.resumeGapMax + 2);
  });

  it("brings the present state of messages that changed, in the reader's language and never to their author", async () => {
    const talk = await aTalk();
    await write(talk, 3);
    await translate(talk, 1, "one");
    await translate(talk, 2, "two");
    const { stores, audience } = house.database;
    const deps = {
      audience,
      messages: stores.messages,
      announcer: house.elsewhere.announcer,
      clock: { now: Date.now },
      newChangeId: () => newId("chg"),
    };
    const caller = { userId: talk.ana.userId, correlationId: "test-correlation" };
    must(await deleteMessage(deps, caller, { roomId: talk.roomId, seq: 2 }));
    const fresh = await house.startNode();
    for (const on of [node, fresh]) {
      const reader = await house.connect(on, talk.ben);
      const { cursor } = await resume(reader, talk.roomId, { seq: 3, changeSeq: 0 });
      expect(cursor).toEqual({ seq: 3, changeSeq: 3 });
      const changed = reader.all("page").flatMap((page) => page.changed);
      expect(changed).toMatchObject([
        { seq: 1, translation: { status: "done", text: "one" } },
        { seq: 2, text: null, translation: null },
      ]);
    }
    const author = await house.connect(node, talk.ana);
    await resume(author, talk.roomId, { seq: 0, changeSeq: 0 });
    expect(JSON.stringify(author.frames)).not.toContain('"one"');
  });

  it("of everybody after a restart reads a room a few times, not once for each of them", async () => {
    const people = await Promise.all(Array.from({ length: 12 }, () => house.person("en")));
    const ana = await house.person("es");
    const talk = { ana, ben: ana, roomId: await house.group(ana, ...people) };
    await write(talk, 40);
    for (const seq of [1, 2, 30, 40]) await translate(talk, seq, `in English ${seq}`);
    const fresh = await house.startNode();
    const clients = await Promise.all(people.map((person) => house.connect(fresh, person)));
    const readsOf = () =>
      fresh.commandsAbout(talk.roomId).filter((name) => /^find (messages|changes)$/.test(name)).length;
    const before = readsOf();
    const answers = await Promise.all(
      clients.map((client, index) => resume(client, talk.roomId, { seq: 39 - 3 * index, changeSeq: index % 3 })),
    );
    const reads = readsOf() - before;
    for (const [index, client] of clients.entries()) {
      expect(answers[index]?.cursor).toEqual({ seq: 40, changeSeq: 4 });
      expect(client.seqs(talk.roomId)).toEqual(upTo(40, 40 - 3 * index));
      const views = client.all("page").flatMap((page) => [...page.messages, ...page.changed]);
      const translated = views.filter(({ translation }) => translation?.status === "done").map(({ seq }) => seq);
      expect(translated).toEqual(expect.arrayContaining([30, 40]));
    }
    // Two loads: a few messages for those who missed little, then more for the others.
    expect(reads).toBeLessThanOrEqual(6);
    const writer = await house.connect(fresh, ana);
    writer.say(talk.roomId, "next");
    await Promise.all(clients.map((client) => client.next("message", ({ message }) => message.seq === 41)));
  });

  it("of several rooms answers caught_up once for each", async () => {
    const ana = await house.person();
    const talks = await Promise.all(
      [1, 2, 3, 4, 5].map(async (count) => {
        const ben = await house.person();
        const talk = { ana: ben, ben: ana, roomId: await house.direct(ben, ana) };
        await write(talk, count);
        return talk;
      }),
    );
    const client = await house.connect(node, ana);
    client.send({ t: "resume", cursors: talks.map(({ roomId }) => ({ roomId, seq: 0, changeSeq: 0 })) });
    await expect.poll(() => client.all("caught_up").length).toBe(5);
    expect(
      client
        .all("caught_up")
        .map(({ cursor }) => cursor.seq)
        .toSorted((a, b) => a - b),
    ).toEqual([1, 2, 3, 4, 5]);
    talks.forEach(({ roomId }, index) => expect(client.seqs(roomId)).toEqual(upTo(index + 1)));
  });

  it("of large messages goes out in frames that a socket's queue can hold", async () => {
    const talk = await aTalk();
    const long = "ñ".repeat(LIMITS.messageCodePointsMax);
    await write(talk, 300, () => long);
    const client = await house.connect(node, talk.ben);
    await resume(client, talk.roomId);
    expect(client.seqs(talk.roomId)).toEqual(upTo(300));
    for (const page of client.all("page")) expect(JSON.stringify(page).length).toBeLessThan(200_000);
    expect(client.closeCode()).toBeNull();
  });

  it("whose page is larger than a socket's queue reaches the reader, who is not cut off", async () => {
    const talk = await aTalk();
    const count = 50;
    const long = "語".repeat(LIMITS.messageCodePointsMax);
    const pageBytes = count * 2 * Buffer.byteLength(long);
    expect(pageBytes).toBeGreaterThan(LIMITS.socketQueueBytesMax);
    await write(talk, count, () => long);
    for (const seq of upTo(count)) await translate(talk, seq, long);
    const fresh = await house.startNode();
    for (const on of [node, fresh]) {
      for (const seq of [0, count]) {
        const reader = await house.connect(on, talk.ben);
        expect(await resume(reader, talk.roomId, { seq, changeSeq: 0 })).toMatchObject({
          cursor: { seq: count, changeSeq: count },
        });
        const views = reader.all("page").flatMap((page) => [...page.messages, ...page.changed]);
        const complete = views.filter(({ text, translation }) => text === long && translation?.status === "done");
        expect(new Set(complete.map((view) => view.seq)).size).toBe(count);
        expect(reader.closeCode()).toBeNull();
      }
    }
  });

  it("of a cursor that is ahead of the room answers resync", async () => {
    const talk = await aTalk();
    await write(talk, 1);
    const client = await house.connect(node, talk.ben);
    client.send({ t: "resume", cursors: [{ roomId: talk.roomId, seq: 9, changeSeq: 0 }] });
    expect(await client.next("resync")).toMatchObject({ roomId: talk.roomId });
    expect(client.all("caught_up")).toEqual([]);
  });
});
