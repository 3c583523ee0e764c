import type { Announcement, StoredMessage } from "@ashchat/contracts/announcements";
import { newClientId, newId, type RoomId, type UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { MessageView } from "@ashchat/contracts/message";
import { ok } from "@ashchat/contracts/result";
import { deleteMessage } from "@ashchat/core/conversation/delete-message";
import { editMessage } from "@ashchat/core/conversation/edit-message";
import { recordTranslation } from "@ashchat/core/conversation/record-translation";
import { rescuePending } from "@ashchat/core/conversation/rescue";
import { resumeRoom } from "@ashchat/core/conversation/resume";
import { sendMessage } from "@ashchat/core/conversation/send-message";
import { viewMessage } from "@ashchat/core/message-view";
import type { JobPublisher } from "@ashchat/core/ports";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeGroup, must, testDatabase, type TestDatabase } from "./testing";

/** The use cases of a conversation on the real stores: what a crash leaves behind is found and finished. */
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

class Killed extends Error {}

/** One process: its clock can be moved, and it can be killed at a named step. What it told others survives it. */
function newProcess(killedAt: string | null = null) {
  const announced: Announcement[] = [];
  const jobs: { queue: string; body: unknown }[] = [];
  const time = { now: 10_000 };
  const publisher: JobPublisher = {
    async publish(queue, body) {
      jobs.push({ queue, body });
      return ok(undefined);
    },
    offer: (queue, body) => void jobs.push({ queue, body }),
  };
  const deps = {
    ...database.stores,
    audience: database.audience,
    announcer: { announce: (one: Announcement) => void announced.push(one) },
    publisher,
    detector: { detect: () => null },
    clock: { now: () => time.now },
    newMessageId: () => newId("msg"),
    newChangeId: () => newId("chg"),
    newCorrelationId: () => "sweep-12345",
    queueLength: async () => ok(0),
    crash(name: string) {
      if (name === killedAt) throw new Killed(name);
    },
  };
  return { deps, announced, jobs, time };
}

function callerOf(userId: UserId) {
  return { userId, correlationId: "test-12345" };
}

async function expectKilled(work: Promise<unknown>): Promise<void> {
  await expect(work).rejects.toBeInstanceOf(Killed);
}

/** Turns of the sweep, each a while later, until nothing is due; what it said and asked for. */
async function sweepUntilQuiet(turns = 3) {
  const sweeper = newProcess();
  for (let turn = 0; turn < turns; turn += 1) {
    sweeper.time.now += LIMITS.pendingDueMaxMs + LIMITS.pendingFirstDueMs;
    must(await rescuePending(sweeper.deps));
  }
  return sweeper;
}

async function dueCount(): Promise<number> {
  return database.raw.collection("messages").countDocuments({ dueAt: { $exists: true } });
}

const done = (revision: number) => ({ status: "done", revision, text: "hello", engine: "test", at: 1 }) as const;

function isOf(roomId: RoomId, body: unknown): boolean {
  return typeof body === "object" && body !== null && "roomId" in body && body.roomId === roomId;
}

async function startRoom() {
  const { room, ownerId } = await makeGroup(database.stores);
  const input = { roomId: room.roomId, clientId: newClientId(), text: "hola" };
  return { roomId: room.roomId, ownerId, input };
}

async function finishTranslations(message: StoredMessage, revision = message.revision): Promise<void> {
  const { roomId, seq } = message;
  const { deps } = newProcess();
  must(await recordTranslation(deps, { roomId, seq, revision, language: "en", translation: done(revision) }));
}

describe("P1, P2, P6: a process killed while it sends", () => {
  test.each([
    ["send.before_insert", 0, 0],
    ["send.after_insert", 1, 0],
    ["send.after_announce", 1, 1],
  ])(
    "at %s: the repeat is the same one message, announced, with its translation asked for",
    async (step, stored, told) => {
      const { roomId, ownerId, input } = await startRoom();
      const first = newProcess(step);
      await expectKilled(sendMessage(first.deps, callerOf(ownerId), input));
      expect(first.announced).toHaveLength(told);
      expect(await database.raw.collection("messages").countDocuments({ roomId })).toBe(stored);

      const second = newProcess();
      const outcome = must(await sendMessage(second.deps, callerOf(ownerId), input));
      expect(outcome).toMatchObject({ repeated: stored === 1, message: { seq: 1, clientId: input.clientId } });
      expect(second.announced).toMatchObject([{ kind: "message", message: { seq: 1 } }]);
      expect(second.jobs).toMatchObject([{ body: { seq: 1, language: "en", revision: 1 } }]);
      expect(await database.raw.collection("messages").countDocuments({ roomId })).toBe(1);
      await finishTranslations(outcome.message);
    },
  );

  test("and never comes back: the sweep announces what was stored and asks for its translation", async () => {
    const { roomId, ownerId, input } = await startRoom();
    await expectKilled(sendMessage(newProcess("send.after_insert").deps, callerOf(ownerId), input));
    const { announced, jobs } = await sweepUntilQuiet(1);
    expect(announced.filter((one) => one.kind === "message" && one.roomId === roomId)).toHaveLength(1);
    expect(jobs).toMatchObject([{ queue: "TRANSLATION_QUEUE", body: { roomId, seq: 1, language: "en" } }]);
    const message = must(await database.stores.messages.find(roomId, 1));
    if (message === null) throw new Error("the message is gone");
    await finishTranslations(message);
    expect(await dueCount()).toBe(0);
  });
});

describe("P6, P15: a process killed while it changes a message", () => {
  const steps = ["change.after_write", "change.after_log"];
  const kinds = ["edited", "deleted", "translated"] as const;

  test.each(kinds.flatMap((kind) => steps.map((step) => [kind, step] as const)))(
    "%s, killed at %s: the sweep logs it once and tells the room",
    async (kind, step) => {
      const { roomId, ownerId, input } = await startRoom();
      const { message } = must(await sendMessage(newProcess().deps, callerOf(ownerId), input));
      const { deps } = newProcess(step);
      const at = { roomId, seq: message.seq, revision: 1 };
      const work = {
        edited: () => editMessage(deps, callerOf(ownerId), { ...at, text: "adiós" }),
        deleted: () => deleteMessage(deps, callerOf(ownerId), at),
        translated: () => recordTranslation(deps, { ...at, language: "en", translation: done(1) }),
      };
      await expectKilled(work[kind]());

      const sweeper = await sweepUntilQuiet(1);
      const told = sweeper.announced.filter((one) => one.kind === "change" && one.roomId === roomId);
      expect(told).toMatchObject([{ change: { seq: 1, kind, messageSeq: 1 } }]);
      expect(must(await database.stores.messages.changesAfter(roomId, 0, 10))).toHaveLength(1);
      if (kind === "edited") await finishTranslations(message, 2);
      expect(await database.raw.collection("messages").countDocuments({ roomId, dueAt: { $exists: true } })).toBe(0);
      expect((await sweepUntilQuiet(1)).announced.filter((one) => "roomId" in one && one.roomId === roomId)).toEqual(
        [],
      );
    },
  );
});

describe("P6: every translation ends", () => {
  test("one that nobody ever makes is offered eight times and then has failed, logged and told", async () => {
    const { roomId, ownerId, input } = await startRoom();
    must(await sendMessage(newProcess().deps, callerOf(ownerId), input));
    const { announced, jobs } = await sweepUntilQuiet(LIMITS.pendingTriesMax + 3);
    expect(jobs.filter(({ body }) => isOf(roomId, body))).toHaveLength(LIMITS.pendingTriesMax);
    const stored = must(await database.stores.messages.find(roomId, 1));
    expect(stored?.translations.en).toMatchObject({ status: "failed", reason: "gave_up", revision: 1 });
    expect(announced.filter((one) => one.kind === "change" && one.roomId === roomId)).toMatchObject([
      { change: { kind: "translated", language: "en" } },
    ]);
    expect(await dueCount()).toBe(0);

    // A late result still counts, as long as it is of this revision.
    if (stored !== null) await finishTranslations(stored);
    expect(must(await database.stores.messages.find(roomId, 1))?.translations.en).toEqual(done(1));
  });
});

describe("P4, P15: what a device shows", () => {
  test("after resuming from any cursor it equals what is stored", async () => {
    const { roomId, ownerId } = await startRoom();
    // As a realtime node does, the audience is read once.
    const known = await database.audience.of(roomId);
    const deps = { ...newProcess().deps, audience: { of: async () => known } };
    const asOwner = callerOf(ownerId);
    const shown = new Map<number, MessageView>();
    const start = { seq: 0, changeSeq: 0 };
    const resume = async (from: typeof start) => {
      let cursor = from;
      for (let page = 0; page < 20; page += 1) {
        const step = must(await resumeRoom(deps, { roomId, cursor, language: "en", joinedSeq: 0 }));
        if (step.kind !== "page") return cursor;
        for (const view of [...step.messages, ...step.changed]) {
          if ((shown.get(view.seq)?.version ?? 0) < view.version) shown.set(view.seq, view);
        }
        cursor = step.to;
      }
      throw new Error("never caught up");
    };

    let cursor = start;
    for (let round = 0; round < 3; round += 1) {
      const sends = Array.from({ length: 50 }, () => ({ roomId, clientId: newClientId(), text: "hola" }));
      for (const sent of await Promise.all(sends.map((input) => sendMessage(deps, asOwner, input)))) must(sent);
      const some = [1, 7, 30].map((seq) => seq + round);
      await Promise.all([
        ...some.map((seq) => editMessage(deps, asOwner, { roomId, seq, revision: 1, text: `adiós ${round}` })),
        ...some.map((seq) =>
          recordTranslation(deps, { roomId, seq: seq + 10, revision: 1, language: "en", translation: done(1) }),
        ),
        deleteMessage(deps, asOwner, { roomId, seq: 48 + round }),
        resume(cursor),
      ]);
      cursor = await resume(cursor);
    }
    const stored = must(
      await database.stores.messages.page({ roomId, after: 0, before: null, limit: 500, newest: false }),
    );
    expect(stored).toHaveLength(150);
    expect([...shown.values()].toSorted((a, b) => a.seq - b.seq)).toEqual(stored.map((one) => viewMessage(one, "en")));
    expect(cursor).toEqual(must(await database.stores.messages.heads([roomId])).get(roomId));
  });
});
