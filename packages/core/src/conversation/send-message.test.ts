import { newClientId, newId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import { LIMITS } from "@ashchat/contracts/limits";
import type { NewMessage, RoomAudience, RoomWriter } from "../ports";
import { describe, expect, test } from "vitest";
import {
  ANA,
  answering,
  audienceOf,
  BEN,
  callerOf,
  clock,
  EVA,
  failing,
  member,
  NOW,
  outcomeOf,
  readerOf,
  recorder,
  ROOM_ID,
  storedMessage,
} from "../testing/fakes";
import { sendMessage, type SendMessageDeps } from "./send-message";

const AUDIENCE = audienceOf(member(ANA, "es"), member(BEN, "en"), member(EVA, "fr"));

function setUp(
  options: { audience?: RoomAudience | null; detected?: Language | null; append?: RoomWriter["append"] } = {},
) {
  const world = recorder();
  const steps: string[] = [];
  const appended: NewMessage[] = [];
  const store: RoomWriter["append"] = (message) => {
    appended.push(message);
    const { needs, ...sent } = message;
    const translations = Object.fromEntries(needs.map((need) => [need, { status: "pending" as const, revision: 1 }]));
    return answering({ message: storedMessage({ ...sent, translations }), repeated: false });
  };
  const deps: SendMessageDeps = {
    audience: readerOf(options.audience === undefined ? AUDIENCE : options.audience),
    writer: { append: options.append ?? store },
    announcer: world.announcer,
    publisher: world.publisher,
    detector: { detect: () => options.detected ?? null },
    clock,
    newMessageId: () => newId("msg"),
    crash: (name) =>
      void steps.push(
        `${name} after ${appended.length} inserts, ${world.announced.length} announcements, ${world.jobs.length} jobs`,
      ),
  };
  return { deps, appended, steps, ...world };
}

const input = (text = "hola") => ({ roomId: ROOM_ID, clientId: newClientId(), text });

describe("sending", () => {
  test("P1, P5: first durable, then announced in the original, then offered for translation, each language once", async () => {
    const { deps, appended, announced, jobs, steps } = setUp();
    const sent = input("  hola  ");
    const outcome = await sendMessage(deps, callerOf(ANA), sent);
    expect(appended).toMatchObject([
      { text: "hola", language: "es", senderId: ANA, clientId: sent.clientId, sentAt: NOW, needs: ["en", "fr"] },
    ]);
    expect(outcome).toMatchObject({ ok: true, value: { repeated: false, message: { text: "hola" } } });
    expect(announced).toMatchObject([
      { kind: "message", roomId: ROOM_ID, membersVersion: 7, message: { text: "hola" } },
    ]);
    expect(jobs).toMatchObject(
      ["en", "fr"].map((language) => ({
        queue: "TRANSLATION_QUEUE",
        body: { language, revision: 1, roomId: ROOM_ID, clientId: sent.clientId, correlationId: "correlation-1" },
      })),
    );
    expect(JSON.stringify(jobs)).not.toContain("hola");
    expect(steps).toEqual([
      "send.before_insert after 0 inserts, 0 announcements, 0 jobs",
      "send.after_insert after 1 inserts, 0 announcements, 0 jobs",
      "send.after_announce after 1 inserts, 1 announcements, 0 jobs",
    ]);
  });

  test.each([
    ["the detected language counts", "en", "en", ["fr"]],
    ["undetected, the sender's language counts", null, "es", ["en", "fr"]],
  ] as const)("%s", async (_name, detected, language, needs) => {
    const { deps, appended } = setUp({ detected });
    await sendMessage(deps, callerOf(ANA), input());
    expect(appended).toMatchObject([{ language, needs }]);
  });

  test("P2: a repeat announces the stored message again and offers only what it still waits for", async () => {
    const done = { status: "done", revision: 1, text: "hello", engine: "test", at: 1 } as const;
    const stored = storedMessage({ seq: 4, translations: { en: done, fr: { status: "pending", revision: 1 } } });
    const { deps, announced, jobs } = setUp({ append: () => answering({ message: stored, repeated: true }) });
    const outcome = outcomeOf(await sendMessage(deps, callerOf(ANA), input()));
    expect(outcome).toEqual({ message: stored, repeated: true });
    expect(announced).toMatchObject([{ kind: "message", message: stored }]);
    expect(jobs).toMatchObject([{ body: { language: "fr" } }]);
  });

  test.each([
    ["an empty text", input(" \n "), "text_empty"],
    ["a text that is too long", input("x".repeat(LIMITS.messageCodePointsMax + 1)), "text_too_long"],
    ["control characters", input("a\u0007b"), "text_control_characters"],
    ["a lone surrogate", input("a\ud800b"), "text_malformed"],
  ])("%s is refused with its reason and nothing is stored or told", async (_name, bad, code) => {
    const { deps, appended, announced, jobs } = setUp();
    expect(outcomeOf(await sendMessage(deps, callerOf(ANA), bad))).toEqual({ code });
    expect([appended, announced, jobs]).toEqual([[], [], []]);
  });

  test.each([
    ["a stranger", AUDIENCE],
    ["a room that does not exist", null],
  ])("%s gets not_found and stores nothing", async (_name, audience) => {
    const { deps, appended, announced } = setUp({ audience });
    expect(outcomeOf(await sendMessage(deps, callerOf(newId("usr")), input()))).toEqual({ code: "not_found" });
    expect([appended, announced]).toEqual([[], []]);
  });

  test.each(["overloaded", "unavailable", "timeout"] as const)(
    "P11: %s is handed on and nothing is announced",
    async (code) => {
      const { deps, announced, jobs } = setUp({ append: () => failing(code) });
      expect(outcomeOf(await sendMessage(deps, callerOf(ANA), input()))).toEqual({ code });
      expect([announced, jobs]).toEqual([[], []]);
    },
  );
});
