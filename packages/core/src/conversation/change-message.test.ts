import type { StoredMessage } from "@ashchat/contracts/announcements";
import { newId } from "@ashchat/contracts/ids";
import { describe, expect, test } from "vitest";
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
  recorder,
  ROOM_ID,
  storedMessage,
} from "../testing/fakes";
import { deleteMessage, type DeleteMessageDeps } from "./delete-message";
import { editMessage, type EditMessageDeps } from "./edit-message";

const AUDIENCE = audienceOf(member(ANA, "es", { joinedSeq: 2 }), member(BEN, "en"));
const AT = { roomId: ROOM_ID, seq: 5 };

function setUp(
  stored: StoredMessage | null,
  overrides: Partial<EditMessageDeps["messages"] & DeleteMessageDeps["messages"]> = {},
) {
  const world = recorder();
  const steps: string[] = [];
  const written: StoredMessage[] = [];
  const write = (message: StoredMessage) => {
    written.push(message);
    return answering(message);
  };
  const base = stored ?? storedMessage(AT);
  const deps: EditMessageDeps & DeleteMessageDeps = {
    audience: readerOf(AUDIENCE),
    messages: {
      find: () => answering(stored),
      edit: ({ text, needs }) =>
        write({
          ...base,
          text,
          revision: base.revision + 1,
          version: base.version + 1,
          translations: Object.fromEntries(
            needs.map((need) => [need, { status: "pending", revision: base.revision + 1 }]),
          ),
        }),
      delete: () => write({ ...base, text: null, deletedAt: NOW, translations: {} }),
      logChange: (roomId, messageSeq, change) => answering({ ...change, roomId, messageSeq, seq: 9 }),
      settle: () => {
        steps.push("settle");
        return answering(undefined);
      },
      ...overrides,
    },
    announcer: world.announcer,
    publisher: world.publisher,
    detector: { detect: () => null },
    clock,
    newChangeId: () => newId("chg"),
    crash: (name) => void steps.push(name),
  };
  return { deps, steps, written, ...world };
}

const mine = (overrides: Partial<StoredMessage> = {}) => storedMessage({ ...AT, ...overrides });

describe("editing", () => {
  test("writes, logs, announces the change with its number, and offers the new text's translations", async () => {
    const { deps, announced, jobs, steps } = setUp(mine());
    const outcome = outcomeOf(await editMessage(deps, callerOf(ANA), { ...AT, revision: 1, text: " adiós " }));
    expect(outcome).toMatchObject({ text: "adiós", revision: 2 });
    expect(announced).toMatchObject([
      {
        kind: "change",
        membersVersion: 7,
        change: { kind: "edited", seq: 9, messageSeq: 5, by: ANA, at: NOW },
        message: { text: "adiós" },
      },
    ]);
    expect(jobs).toMatchObject([{ body: { language: "en", revision: 2 } }]);
    expect(steps).toEqual(["change.after_write", "change.after_log", "settle"]);
  });

  test.each([
    ["the same text", mine(), { revision: 1, text: "hola" }],
    [
      "the same edit once more, its answer was lost",
      mine({ revision: 2, text: "adiós" }),
      { revision: 1, text: "adiós" },
    ],
  ])("%s writes nothing and answers the message", async (_name, stored, edit) => {
    const { deps, written, announced } = setUp(stored);
    expect(outcomeOf(await editMessage(deps, callerOf(ANA), { ...AT, ...edit }))).toEqual(stored);
    expect([written, announced]).toEqual([[], []]);
  });

  test.each([
    ["another member's message", mine({ senderId: BEN }), {}, "forbidden"],
    ["a message that is not there", null, {}, "not_found"],
    ["a deleted message", mine({ deletedAt: 1, text: null }), {}, "message_deleted"],
    ["a text that is none", mine(), { text: "" }, "text_empty"],
    ["a message from before one's joining", mine({ seq: 2 }), { seq: 2 }, "not_found"],
  ])("%s: refused", async (_name, stored, overrides, code) => {
    const { deps, written } = setUp(stored);
    const outcome = await editMessage(deps, callerOf(ANA), { ...AT, revision: 1, text: "x", ...overrides });
    expect(outcomeOf(outcome)).toEqual({ code });
    expect(written).toEqual([]);
  });

  test("a stranger learns nothing", async () => {
    const { deps } = setUp(mine());
    expect(outcomeOf(await editMessage(deps, callerOf(newId("usr")), { ...AT, revision: 1, text: "x" }))).toEqual({
      code: "not_found",
    });
  });

  test.each([
    ["another edit was faster", mine({ revision: 3, text: "other" }), "conflict"],
    ["it was deleted meanwhile", mine({ deletedAt: 3, text: null }), "message_deleted"],
  ])("%s", async (_name, after, code) => {
    let reads = 0;
    const { deps, announced } = setUp(mine(), {
      edit: () => answering(null),
      find: () => {
        reads += 1;
        return answering(reads === 1 ? mine() : after);
      },
    });
    expect(outcomeOf(await editMessage(deps, callerOf(ANA), { ...AT, revision: 1, text: "x" }))).toEqual({ code });
    expect(announced).toEqual([]);
  });

  test("a log that cannot be written does not undo the edit: it is announced by the sweep", async () => {
    const { deps, announced, jobs } = setUp(mine(), { logChange: () => failing("unavailable") });
    expect(outcomeOf(await editMessage(deps, callerOf(ANA), { ...AT, revision: 1, text: "x" }))).toMatchObject({
      text: "x",
    });
    expect(announced).toEqual([]);
    expect(jobs).toHaveLength(1);
  });
});

describe("deleting", () => {
  test("writes, logs, announces without a text, and settles", async () => {
    const { deps, announced, steps } = setUp(mine());
    expect(outcomeOf(await deleteMessage(deps, callerOf(ANA), AT))).toMatchObject({ text: null, deletedAt: NOW });
    expect(announced).toMatchObject([{ kind: "change", change: { kind: "deleted", seq: 9 }, message: { text: null } }]);
    expect(steps).toEqual(["change.after_write", "change.after_log", "settle"]);
  });

  test("what is deleted answers the same, now and when somebody was faster", async () => {
    const gone = mine({ deletedAt: 3, text: null });
    const first = setUp(gone);
    expect(outcomeOf(await deleteMessage(first.deps, callerOf(ANA), AT))).toEqual(gone);
    expect(first.announced).toEqual([]);
    let reads = 0;
    const raced = setUp(mine(), {
      delete: () => answering(null),
      find: () => {
        reads += 1;
        return answering(reads === 1 ? mine() : gone);
      },
    });
    expect(outcomeOf(await deleteMessage(raced.deps, callerOf(ANA), AT))).toEqual(gone);
  });

  test.each([
    ["another member's", mine({ senderId: BEN }), "forbidden"],
    ["none that is there", null, "not_found"],
  ])("%s: refused", async (_name, stored, code) => {
    const { deps, written } = setUp(stored);
    expect(outcomeOf(await deleteMessage(deps, callerOf(ANA), AT))).toEqual({ code });
    expect(written).toEqual([]);
  });
});
