import { newClientId, newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { CLOSE_CODES } from "@ashchat/contracts/realtime";
import { recordTranslation } from "@ashchat/core/conversation/record-translation";
import { editMessage } from "@ashchat/core/conversation/edit-message";
import { ok } from "@ashchat/contracts/result";
import type { QueueBody } from "@ashchat/contracts/queues";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { idlePublisher, must, startHarness, type Harness, type TestNode } from "./testing/harness";

let house: Harness;
let node: TestNode;

beforeAll(async () => {
  house = await startHarness();
  node = await house.startNode();
});
afterAll(() => house.close());

describe("a message", () => {
  it("is acknowledged with its seq when it is stored, and every member has it, the sender's other tab as well", async () => {
    const [ana, ben] = [await house.person("es"), await house.person("en")];
    const roomId = await house.direct(ana, ben);
    const [tab, otherTab, other] = [
      await house.connect(node, ana),
      await house.connect(node, ana),
      await house.connect(node, ben),
    ];
    const clientId = tab.say(roomId, "hola");
    const ack = await tab.next("ack");
    expect(ack).toMatchObject({ roomId, clientId, seq: 1 });
    const stored = must(await house.database.stores.messages.find(roomId, 1));
    expect(stored).toMatchObject({ clientId, text: "hola", senderId: ana.userId, sentAt: ack.sentAt });
    for (const client of [tab, otherTab, other]) {
      const { message } = await client.next("message");
      expect(message).toMatchObject({ roomId, seq: 1, text: "hola", language: "es", clientId, translation: null });
    }
    expect(otherTab.all("ack")).toEqual([]);
  });

  it("sent twice with one client id is one message with one seq, also on another connection", async () => {
    const [ana, ben] = [await house.person(), await house.person()];
    const roomId = await house.direct(ana, ben);
    const [first, second, other] = [
      await house.connect(node, ana),
      await house.connect(node, ana),
      await house.connect(node, ben),
    ];
    const clientId = first.say(roomId, "once");
    await first.next("ack");
    first.say(roomId, "once", clientId);
    second.say(roomId, "once", clientId);
    first.say(roomId, "next");
    await other.next("message", ({ message }) => message.text === "next");
    await expect
      .poll(() => [...first.all("ack"), ...second.all("ack")].map((ack) => ack.seq).toSorted((a, b) => a - b))
      .toEqual([1, 1, 1, 2]);
    expect(other.seqs(roomId)).toEqual([1, 2]);
  });

  it("many sent at once by one connection keep their order", async () => {
    const [ana, ben] = [await house.person(), await house.person()];
    const roomId = await house.direct(ana, ben);
    const [writer, reader] = [await house.connect(node, ana), await house.connect(node, ben)];
    const texts = Array.from({ length: 50 }, (_, index) => `text ${index}`);
    for (const text of texts) writer.say(roomId, text);
    await reader.next("message", ({ message }) => message.text === "text 49");
    expect(reader.all("message").map(({ message }) => message.text)).toEqual(texts);
    await expect.poll(() => writer.all("ack").map((ack) => ack.seq)).toEqual(texts.map((_, index) => index + 1));
  });

  it("that cannot be taken is refused with its reason and its client id, and the socket stays", async () => {
    const [ana, ben] = [await house.person(), await house.person()];
    const roomId = await house.direct(ana, ben);
    const client = await house.connect(node, ana);
    const refused = [
      [client.say(roomId, "   "), "text_empty"],
      [client.say(roomId, "x".repeat(4_001)), "text_too_long"],
      [client.say(roomId, "a\u0000b"), "text_control_characters"],
      [client.say(roomId, "a\ud800b"), "text_malformed"],
    ];
    await expect.poll(() => client.all("error").map(({ ref, code }) => [ref, code])).toEqual(refused);
    client.say(roomId, "fine");
    expect(await client.next("ack")).toMatchObject({ seq: 1 });
  });

  it("too many in flight are refused as overloaded and can be sent again", async () => {
    const small = await house.startNode({ limits: { sendsInFlightMax: 2 } });
    const [ana, ben] = [await house.person(), await house.person()];
    const roomId = await house.direct(ana, ben);
    const client = await house.connect(small, ana);
    const ids = Array.from({ length: 20 }, (_, index) => client.say(roomId, `text ${index}`));
    await expect.poll(() => client.all("ack").length + client.all("error").length).toBe(ids.length);
    const [error] = client.all("error");
    expect(error).toMatchObject({ code: "overloaded", retryable: true });
    const again = error?.ref ?? newClientId();
    client.say(roomId, "again", again);
    await client.next("ack", (ack) => ack.clientId === again);
  });

  it("P11: beyond the window of the process, whoever sends, they are refused at once with a time for the next try", async () => {
    const small = await house.startNode({ limits: { sendWindowMin: 4, sendWindowFirst: 4, sendWindowMax: 4 } });
    const [ana, ben] = [await house.person(), await house.person()];
    const roomId = await house.direct(ana, ben);
    const clients = [await house.connect(small, ana), await house.connect(small, ben)];
    for (let index = 0; index < 20; index += 1) for (const client of clients) client.say(roomId, `text ${index}`);
    const answers = () => clients.flatMap((client) => [...client.all("ack"), ...client.all("error")]);
    await expect.poll(() => answers().length).toBe(40);
    const refused = clients.flatMap((client) => client.all("error"));
    expect(refused.length).toBeGreaterThan(0);
    for (const { code, retryAfterMs } of refused) {
      expect([code, retryAfterMs]).toEqual(["overloaded", expect.any(Number)]);
      expect(retryAfterMs).toBeGreaterThanOrEqual(LIMITS.overloadedRetryMinMs);
    }
  });
});

describe("strangers", () => {
  it("can neither send to, type in, mark nor resume a room of others, and see nothing of it", async () => {
    const [ana, ben, eve] = [await house.person(), await house.person(), await house.person()];
    const roomId = await house.direct(ana, ben);
    const [member, stranger] = [await house.connect(node, ana), await house.connect(node, eve)];
    const ref = stranger.say(roomId, "let me in");
    stranger.send({ t: "typing", roomId });
    stranger.send({ t: "read", roomId, seq: 1 });
    stranger.send({ t: "resume", cursors: [{ roomId, seq: 0, changeSeq: 0 }] });
    await expect.poll(() => stranger.all("error").map(({ code }) => code)).toEqual(Array(4).fill("not_found"));
    expect(stranger.all("error").filter((error) => error.ref === ref)).toMatchObject([{ roomId }]);
    member.say(roomId, "secret");
    await member.next("ack");
    stranger.send({ t: "ping" });
    await stranger.next("pong");
    expect(stranger.frames.filter((frame) => ["message", "page", "typing"].includes(frame.t))).toEqual([]);
    expect(must(await house.database.stores.messages.heads([roomId])).get(roomId)?.seq).toBe(1);
  });
});

describe("translations", () => {
  it("each reader gets the text in the own language, the author and readers of other languages only the original", async () => {
    const people = [
      await house.person("es"),
      await house.person("en"),
      await house.person("fr"),
      await house.person("en"),
    ] as const;
    const roomId = await house.group(...people);
    const [author, english, french, alsoEnglish] = [
      await house.connect(node, people[0]),
      await house.connect(node, people[1]),
      await house.connect(node, people[2]),
      await house.connect(node, people[3]),
    ];
    author.say(roomId, "hola");
    await author.next("ack");
    const translation = { status: "done", revision: 1, text: "hello", engine: "test", at: Date.now() } as const;
    await translate(roomId, 1, translation);
    for (const client of [english, alsoEnglish]) {
      const change = await client.next("change");
      expect(change).toMatchObject({ kind: "translated", since: 0, seq: 1 });
      expect(change.message).toMatchObject({
        text: "hola",
        translation: { status: "done", language: "en", text: "hello" },
      });
    }
    author.say(roomId, "adios");
    for (const client of [author, french]) {
      await client.next("message", ({ message }) => message.seq === 2);
      expect(client.all("change")).toEqual([]);
      expect(JSON.stringify(client.frames)).not.toContain("hello");
    }
  });

  it("since skips the changes of other languages, so that their readers need not resume", async () => {
    const [ana, ben, zoe] = [await house.person("es"), await house.person("en"), await house.person("fr")];
    const roomId = await house.group(ana, ben, zoe);
    const [author, english, french] = [
      await house.connect(node, ana),
      await house.connect(node, ben),
      await house.connect(node, zoe),
    ];
    for (const text of ["uno", "dos"]) author.say(roomId, text);
    await french.next("message", ({ message }) => message.seq === 2);
    const done = { status: "done", revision: 1, engine: "test", at: Date.now() } as const;
    await translate(roomId, 1, { ...done, text: "one" }, "en");
    await translate(roomId, 2, { ...done, text: "two" }, "en");
    await translate(roomId, 1, { ...done, text: "un" }, "fr");
    const change = await french.next("change");
    expect(change).toMatchObject({ since: 0, seq: 3, message: { translation: { text: "un" } } });
    must(await editMessage(editing(), callerOf(ana.userId), { roomId, seq: 1, revision: 1, text: "UNO" }));
    expect(await french.next("change", ({ kind }) => kind === "edited")).toMatchObject({ since: 3, seq: 4 });
    expect(await english.next("change", ({ kind }) => kind === "edited")).toMatchObject({ since: 2, seq: 4 });
  });

  it("a changed reading language counts at once, without a new connection", async () => {
    const [ana, ben] = [await house.person("es"), await house.person("en")];
    const roomId = await house.direct(ana, ben);
    const [author, reader] = [await house.connect(node, ana), await house.connect(node, ben)];
    author.say(roomId, "hola");
    await author.next("ack");
    const profile = must(await house.database.stores.profiles.update(ben.userId, { language: "fr" }, Date.now()));
    if (profile === null) throw new Error("no profile");
    const { understands, lastSeenAt: _lastSeenAt, ...view } = profile;
    house.elsewhere.announcer.announce({ kind: "profile", profile: view, understands });
    for (const client of [author, reader])
      expect(await client.next("profile")).toMatchObject({ profile: { language: "fr" } });
    const done = { status: "done", revision: 1, engine: "test", at: Date.now() } as const;
    await translate(roomId, 1, { ...done, text: "hello" }, "en");
    await translate(roomId, 1, { ...done, text: "bonjour" }, "fr");
    await reader.next("change");
    expect(reader.all("change").map(({ message }) => message.translation)).toMatchObject([{ text: "bonjour" }]);
    expect(JSON.stringify(reader.frames)).not.toContain("hello");
  });

  it("the correlation id of a send goes into its translation job", async () => {
    const jobs: QueueBody<"TRANSLATION_QUEUE">[] = [];
    const keeping = await house.startNode({
      publisher: {
        ...idlePublisher,
        offer: (_queue, body) => void (body.type === "message.translate" && jobs.push(body)),
      },
    });
    const [ana, ben] = [await house.person("es"), await house.person("en")];
    const roomId = await house.direct(ana, ben);
    const client = await house.connect(keeping, ana);
    const clientId = client.say(roomId, "hola");
    await client.next("ack");
    expect(jobs).toMatchObject([{ roomId, seq: 1, revision: 1, language: "en", clientId }]);
    expect(jobs[0]?.correlationId).toMatch(/^[\w-]{8,64}$/);
  });
});

describe("signs", () => {
  it("typing reaches the others once per interval, whatever the client sends, and never the typist", async () => {
    const [ana, ben] = [await house.person(), await house.person()];
    const roomId = await house.direct(ana, ben);
    const [typist, reader] = [await house.connect(node, ana), await house.connect(node, ben)];
    for (let index = 0; index < 20; index += 1) typist.send({ t: "typing", roomId });
    typist.say(roomId, "done");
    await reader.next("message");
    expect(reader.all("typing")).toEqual([{ t: "typing", roomId, userId: ana.userId }]);
    expect(typist.all("typing")).toEqual([]);
  });

  it("somebody offline shows when they were seen last, also when only the profile still knows", async () => {
    const [ana, ben] = [await house.person(), await house.person()];
    const seenAt = Date.now() - 3_600_000;
    must(await house.database.stores.profiles.setLastSeen([{ userId: ben.userId, at: seenAt }]));
    await house.direct(ana, ben);
    const client = await house.connect(node, ana);
    expect((await client.ready()).presence).toEqual([{ userId: ben.userId, online: false, lastSeenAt: seenAt }]);
  });

  it("people come online when they connect and go offline a moment after their last socket has gone", async () => {
    const quick = await house.startNode({ limits: { presenceDebounceMs: 300 } });
    const [ana, ben] = [await house.person(), await house.person()];
    await house.direct(ana, ben);
    const watcher = await house.connect(quick, ana);
    expect((await watcher.next("ready")).presence).toMatchObject([{ userId: ben.userId, online: false }]);
    const [phone, laptop] = [await house.connect(quick, ben), await house.connect(quick, ben)];
    await watcher.next("presence", ({ presence }) => presence.online);
    const late = await house.connect(quick, ana);
    expect((await late.next("ready")).presence).toMatchObject([{ userId: ben.userId, online: true }]);
    phone.terminate();
    laptop.terminate();
    const gone = await watcher.next("presence", ({ presence }) => !presence.online);
    expect(gone.presence.lastSeenAt).toBeGreaterThan(Date.now() - 10_000);
    expect(watcher.all("presence").map(({ presence }) => presence.online)).toEqual([true, false]);
  });

  it("somebody whose devices connect at the same moment comes online", async () => {
    const [ana, ben] = [await house.person(), await house.person()];
    await house.direct(ana, ben);
    const watcher = await house.connect(node, ana);
    await Promise.all([1, 2, 3].map(() => house.connect(node, ben)));
    await watcher.next("presence", ({ presence }) => presence.online);
    expect(watcher.all("presence")).toHaveLength(1);
  });

  it("somebody who came online on a node that died afterwards is shown offline when their entry has run out", async () => {
    const short = await house.startNode({ limits: { presenceTtlMs: 500 } });
    const [ana, ben] = [await house.person(), await house.person()];
    await house.direct(ana, ben);
    const watcher = await house.connect(short, ana);
    // As that node said it; nobody vouches for Ben any more.
    const presence = { userId: ben.userId, online: true, lastSeenAt: null };
    house.elsewhere.announcer.announce({ kind: "presence", presence });
    await watcher.next("presence", (frame) => frame.presence.online);
    expect((await watcher.next("presence", (frame) => !frame.presence.online)).presence.userId).toBe(ben.userId);
  });
});

describe("a slow reader", () => {
  it("alone is closed when the queue is full; the others miss nothing", async () => {
    const small = await house.startNode({ limits: { socketQueueBytesMax: 200_000, framesBurst: 100_000 } });
    const people = [await house.person(), await house.person(), await house.person()] as const;
    const roomId = await house.group(...people);
    const [writer, reader, slow] = [
      await house.connect(small, people[0]),
      await house.connect(small, people[1]),
      await house.connect(small, people[2]),
    ];
    slow.stall();
    const text = "x".repeat(4_000);
    let sent = 0;
    const isCut = async () => (await small.metricsText()).includes('reason="tooSlow"');
    while (!(await isCut()) && sent < 4_000) {
      for (let index = 0; index < 40; index += 1) writer.say(roomId, text);
      sent += 40;
      await expect.poll(() => reader.seqs(roomId).length, { timeout: 20_000 }).toBe(sent);
    }
    expect(await isCut()).toBe(true);
    expect(reader.seqs(roomId)).toEqual(Array.from({ length: sent }, (_, index) => index + 1));
    expect(reader.closeCode()).toBeNull();
  });
});

describe("the end of a node", () => {
  it("asks the clients to come back, each at its own time, and closes with 1001 after what was sent is stored", async () => {
    const ending = await house.startNode();
    const people = await Promise.all([1, 2, 3].map(() => house.person()));
    const [ana, ben] = people;
    if (ana === undefined || ben === undefined) throw new Error("nobody");
    const roomId = await house.direct(ana, ben);
    const clients = await Promise.all(people.map((person) => house.connect(ending, person)));
    const clientId = clients[0]?.say(roomId, "last words");
    await clients[1]?.next("message");
    await ending.close();
    expect(await Promise.all(clients.map((client) => client.closed()))).toEqual(Array(3).fill(CLOSE_CODES.goingAway));
    const waits = await Promise.all(clients.map(async (client) => (await client.next("reconnect")).afterMs));
    for (const wait of waits) expect(wait).toBeGreaterThanOrEqual(500);
    expect(new Set(waits).size).toBeGreaterThan(1);
    expect(clients[0]?.all("ack").map((ack) => ack.clientId)).toEqual([clientId]);
  });
});

type Translation = Parameters<typeof recordTranslation>[1]["translation"];

/** As the translation worker does it: in another process. */
async function translate(
  roomId: Parameters<typeof recordTranslation>[1]["roomId"],
  seq: number,
  ...[translation, language = "en"]: [Translation, ("en" | "fr")?]
): Promise<void> {
  const { messages, rooms } = house.database.stores;
  const deps = {
    messages,
    rooms,
    announcer: house.elsewhere.announcer,
    clock: { now: Date.now },
    newChangeId: () => newId("chg"),
  };
  must(await recordTranslation(deps, { roomId, seq, revision: 1, language, translation }));
}

function editing(): Parameters<typeof editMessage>[0] {
  const { stores, audience } = house.database;
  return {
    audience,
    messages: stores.messages,
    announcer: house.elsewhere.announcer,
    clock: { now: Date.now },
    publisher: { publish: async () => ok(undefined), offer: () => undefined },
    detector: { detect: () => null },
    newChangeId: () => newId("chg"),
  };
}

function callerOf(userId: Parameters<typeof editMessage>[1]["userId"]) {
  return { userId, correlationId: "test-correlation" };
}
