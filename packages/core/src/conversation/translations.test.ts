import type { StoredMessage } from "@ashchat/contracts/announcements";
import { appError } from "@ashchat/contracts/errors";
import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok } from "@ashchat/contracts/result";
import { describe, expect, test } from "vitest";
import type { PendingMessage, Settlement, UnloggedChange } from "../ports";
import {
  ANA,
  answering,
  audienceOf,
  BEN,
  callerOf,
  clock,
  failing,
  member,
  NOW,
  outcomeOf,
  readerOf,
  roomsOf,
  recorder,
  ROOM_ID,
  storedMessage,
} from "../testing/fakes";
import { recordTranslation, recordTranslations, type RecordTranslationDeps } from "./record-translation";
import { requestTranslation } from "./request-translation";
import { rescuePending, type RescueDeps } from "./rescue";

const AUDIENCE = audienceOf(member(ANA, "es"), member(BEN, "en", { joinedSeq: 2, understands: ["pt"] }));

describe("asking for translations on view", () => {
  function setUp(stored: StoredMessage[]) {
    const world = recorder();
    const asked: number[][] = [];
    const deps = {
      ...world,
      audience: readerOf(AUDIENCE),
      clock,
      messages: {
        findMany: (_roomId: unknown, seqs: readonly number[]) =>
          answering(stored.filter(({ seq }) => seqs.includes(seq))),
        requestTranslation({ seqs }: { seqs: readonly number[] }) {
          asked.push([...seqs]);
          const marked = stored.filter(({ seq }) => seqs.includes(seq));
          return answering(
            marked.map((message): StoredMessage => ({
              ...message,
              version: 2,
              translations: { en: { status: "pending", revision: 1 } },
            })),
          );
        },
      },
    };
    return { deps, asked, ...world };
  }

  test("marks and offers only what the reader cannot read, and returns all in their present state, by seq", async () => {
    const stored = [
      storedMessage({ seq: 9 }),
      storedMessage({ seq: 3, senderId: BEN }),
      storedMessage({ seq: 4, language: "en" }),
      storedMessage({ seq: 5, language: "pt" }),
      storedMessage({ seq: 6, deletedAt: 1, text: null }),
      storedMessage({ seq: 2 }),
    ];
    const { deps, asked, jobs } = setUp(stored);
    const outcome = outcomeOf(
      await requestTranslation(deps, callerOf(BEN), { roomId: ROOM_ID, seqs: [9, 6, 5, 4, 3, 2, 9] }),
    );
    expect(asked).toEqual([[9]]);
    expect(jobs).toMatchObject([{ queue: "TRANSLATION_QUEUE", body: { seq: 9, language: "en", revision: 1 } }]);
    if ("code" in outcome) throw new Error(outcome.code);
    expect(outcome.map(({ seq, version }) => [seq, version])).toEqual([
      [3, 1],
      [4, 1],
      [5, 1],
      [6, 1],
      [9, 2],
    ]);
  });

  test("asks the store for nothing where nothing is needed; a stranger gets not_found", async () => {
    const { deps, asked, jobs } = setUp([storedMessage({ seq: 3, language: "en" })]);
    await requestTranslation(deps, callerOf(BEN), { roomId: ROOM_ID, seqs: [3] });
    expect([asked, jobs]).toEqual([[], []]);
    const stranger = await requestTranslation(deps, callerOf(newId("usr")), { roomId: ROOM_ID, seqs: [3] });
    expect(outcomeOf(stranger)).toEqual({ code: "not_found" });
  });
});

const done = { status: "done", revision: 1, text: "hello", engine: "test", at: NOW } as const;
const record = { roomId: ROOM_ID, seq: 1, revision: 1, language: "en", translation: done } as const;

describe("recording a translation", () => {
  function setUp(overrides: Partial<RecordTranslationDeps["messages"]> = {}) {
    const world = recorder();
    const steps: string[] = [];
    const stored = storedMessage({ version: 2, translations: { en: done } });
    const deps: RecordTranslationDeps = {
      rooms: roomsOf(AUDIENCE),
      messages: {
        setTranslations: async (results) => results.map(() => ok(stored)),
        logChange: (roomId, messageSeq, change) => answering({ ...change, roomId, messageSeq, seq: 3 }),
        settle: () => {
          steps.push("settle");
          return answering(undefined);
        },
        ...overrides,
      },
      announcer: world.announcer,
      clock,
      newChangeId: () => newId("chg"),
      crash: (name) => void steps.push(name),
    };
    return { deps, steps, stored, ...world };
  }

  test("writes, logs, tells the room which language it is about, and settles", async () => {
    const { deps, announced, steps, stored } = setUp();
    expect(outcomeOf(await recordTranslation(deps, record))).toEqual(stored);
    expect(announced).toMatchObject([
      { kind: "change", membersVersion: 7, change: { kind: "translated", language: "en", by: null, seq: 3 } },
    ]);
    expect(steps).toEqual(["change.after_write", "change.after_log", "settle"]);
  });

  test("P8: one that comes too late is null and tells nobody", async () => {
    const { deps, announced, steps } = setUp({ setTranslations: async () => [ok(null)] });
    expect(outcomeOf(await recordTranslation(deps, record))).toBeNull();
    expect([announced, steps]).toEqual([[], []]);
  });

  test("a write that failed is a failure (do it again); a log that failed is not (the sweep finishes it)", async () => {
    const unwritten = setUp({ setTranslations: async () => [fail(appError("timeout", "test"))] });
    expect(outcomeOf(await recordTranslation(unwritten.deps, record))).toEqual({ code: "timeout" });
    const unlogged = setUp({ logChange: () => failing("unavailable") });
    expect(outcomeOf(await recordTranslation(unlogged.deps, record))).toEqual(unlogged.stored);
    expect(unlogged.announced).toEqual([]);
    expect(unlogged.steps).not.toContain("settle");
  });

  test("of several each has its own outcome; those that were written are told, and settled in one go", async () => {
    const settled: Settlement[][] = [];
    const one = storedMessage({ messageId: newId("msg"), seq: 1, version: 3 });
    const two = storedMessage({ messageId: newId("msg"), seq: 2, version: 2 });
    const { deps, announced } = setUp({
      setTranslations: async () => [ok(one), ok(null), fail(appError("internal", "test")), ok(two), ok(one)],
      logChange: (roomId, messageSeq, change) =>
        messageSeq === 2 ? failing("overloaded") : answering({ ...change, roomId, messageSeq, seq: 3 }),
      settle(settlements) {
        settled.push([...settlements]);
        return answering(undefined);
      },
    });
    const records = (["en", "fr", "de", "en", "it"] as const).map((language, index) => ({
      ...{ ...record, language, seq: index === 3 ? 2 : 1 },
    }));
    const outcomes = await recordTranslations(deps, records);
    expect(outcomes.map(outcomeOf)).toEqual([one, null, { code: "internal" }, two, one]);
    expect(announced).toMatchObject([
      { kind: "change", message: { seq: 1, version: 3 }, change: { language: "en" } },
      { kind: "change", message: { seq: 1, version: 3 }, change: { language: "it" } },
    ]);
    const told = announced.flatMap((heard) => (heard.kind === "change" ? [heard.change.changeId] : []));
    expect(settled).toEqual([[{ roomId: ROOM_ID, seq: 1, changeIds: told }]]);
  });
});

describe("P6: the sweep", () => {
  const unlogged: UnloggedChange = { changeId: newId("chg"), kind: "edited", language: null, by: ANA, at: 1 };
  const pending = (overrides: Partial<PendingMessage> = {}): PendingMessage => ({
    message: storedMessage(),
    needs: ["en"],
    unlogged: [],
    tries: 1,
    ...overrides,
  });

  function setUp(
    due: PendingMessage[],
    options: { waiting?: number; overrides?: Partial<RescueDeps["messages"]> } = {},
  ) {
    const world = recorder();
    const ended: unknown[] = [];
    const settled: Settlement["changeIds"][] = [];
    const queue = [...due];
    const deps: RescueDeps = {
      ...world,
      rooms: roomsOf(AUDIENCE),
      clock,
      newChangeId: () => newId("chg"),
      newCorrelationId: () => "sweep-12345",
      queueLength: () => answering(options.waiting ?? 0),
      messages: {
        claimDue: () => answering(queue.shift() ?? null),
        logChange: (roomId, messageSeq, change) => answering({ ...change, roomId, messageSeq, seq: 3 }),
        settle: (settlements) => {
          settled.push(...settlements.map(({ changeIds }) => changeIds));
          return answering(undefined);
        },
        setTranslations: async (results) => {
          ended.push(...results.map(({ translation }) => translation));
          return results.map(() => ok(storedMessage()));
        },
        ...options.overrides,
      },
    };
    return { deps, ended, settled, left: queue, ...world };
  }

  test("announces the message again and offers what it needs again", async () => {
    const { deps, announced, jobs } = setUp([pending({ needs: ["en", "fr"] })]);
    expect(outcomeOf(await rescuePending(deps))).toBe(1);
    expect(announced).toMatchObject([{ kind: "message", membersVersion: 7 }]);
    expect(jobs).toMatchObject([
      { body: { language: "en", correlationId: "sweep-12345" } },
      { body: { language: "fr" } },
    ]);
  });

  test("logs and announces what a crash left unlogged, and settles what owes nothing more", async () => {
    const { deps, announced, settled, jobs } = setUp([pending({ needs: [], unlogged: [unlogged] })]);
    await rescuePending(deps);
    expect(announced).toMatchObject([
      { kind: "message" },
      { kind: "change", change: { changeId: unlogged.changeId, seq: 3 } },
    ]);
    expect(settled).toEqual([[unlogged.changeId], []]);
    expect(jobs).toEqual([]);
  });

  test("after the last try every needed language ends as given up; not before", async () => {
    const last = setUp([pending({ tries: LIMITS.pendingTriesMax })]);
    await rescuePending(last.deps);
    expect([last.ended, last.jobs.length]).toEqual([[], 1]);
    const over = setUp([pending({ tries: LIMITS.pendingTriesMax + 1, needs: ["en", "fr"] })]);
    await rescuePending(over.deps);
    const gaveUp = { status: "failed", reason: "gave_up", revision: 1, at: NOW };
    expect([over.ended, over.jobs]).toEqual([[gaveUp, gaveUp], []]);
  });

  test.each([
    ["the queue is long", { waiting: LIMITS.sweepQueueMessagesMax }, 0],
    ["the queue becomes long", { waiting: LIMITS.sweepQueueMessagesMax - 2 }, 2],
  ])("P11: claims no more when %s", async (_name, options, claimed) => {
    const { deps, jobs } = setUp(
      Array.from({ length: 5 }, () => pending()),
      options,
    );
    expect(outcomeOf(await rescuePending(deps))).toBe(claimed);
    expect(jobs).toHaveLength(claimed);
  });

  test("P11: claims a bounded number in one turn", async () => {
    const { deps, left } = setUp(Array.from({ length: LIMITS.sweepClaimsMax + 7 }, () => pending({ needs: [] })));
    expect(outcomeOf(await rescuePending(deps))).toBe(LIMITS.sweepClaimsMax);
    expect(left).toHaveLength(7);
  });

  test("spends no try while the broker or the database is away", async () => {
    const { deps, left } = setUp([pending()]);
    expect(outcomeOf(await rescuePending({ ...deps, queueLength: () => failing("unavailable") }))).toEqual({
      code: "unavailable",
    });
    expect(left).toHaveLength(1);
    const away = setUp([], { overrides: { claimDue: () => failing("timeout") } });
    expect(outcomeOf(await rescuePending(away.deps))).toEqual({ code: "timeout" });
  });
});
