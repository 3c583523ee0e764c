import { resumeOutputSchema } from "@ashchat/contracts/api";
import { LIMITS } from "@ashchat/contracts/limits";
import { newClientId, newId, type RoomId } from "@ashchat/contracts/ids";
import { ok } from "@ashchat/contracts/result";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { answerOf, outputOf } from "../testing/browser";
import { openTestHouse, type TestHouse } from "../testing/house";

let house: TestHouse;

beforeAll(async () => {
  house = await openTestHouse();
});
afterAll(() => house.close());

const JSON_TYPE = { "content-type": "application/json" };
const PERSON = { email: "ana@example.org", password: "a good password", name: "Ana", language: "es", uiLanguage: "es" };

function post(path: string, body: string, headers: Record<string, string> = JSON_TYPE): Promise<Response> {
  return house.browser().send(`/api/trpc/${path}`, { method: "POST", headers, body });
}

/** What a call costs the database; nothing runs beside it. */
async function callsOf(work: () => Promise<unknown>): Promise<number> {
  const before = house.databaseCalls();
  await work();
  return house.databaseCalls() - before;
}

describe("bad input is refused with 400 and a code before the database is asked", () => {
  it.each([
    ["an operator object for a text", { ...PERSON, email: { $gt: "" } }],
    ["an operator object for a password", { ...PERSON, password: { $ne: null } }],
    ["an array for a text", { ...PERSON, name: ["Ana"] }],
    ["an unknown key", { ...PERSON, isAdmin: true }],
    ["a prototype key", JSON.parse('{"__proto__": {"email": "x"}}') as unknown],
    ["a missing key", { email: PERSON.email }],
    ["a language that nobody has", { ...PERSON, language: "xx" }],
    ["two addresses", { ...PERSON, email: "a@example.org,b@example.org" }],
    ["a name of two lines of control characters", { ...PERSON, name: "A\u0000na" }],
    ["null", null],
    ["a number", 7],
  ])("%s", async (_what, input) => {
    let answer;
    const calls = await callsOf(async () => {
      answer = await house.browser().call("account.register", input === null ? "null" : input);
    });
    expect(answer).toMatchObject({ ok: false, status: 400, code: "invalid_input", retryable: false });
    expect(calls).toBe(0);
  });

  it.each([
    ["no JSON", "{", 400],
    ["an empty list", "[]", 400],
    ["a JSON text", '"x"', 400],
  ])("%s", async (_what, body, status) => {
    const calls = await callsOf(async () => {
      const answer = await answerOf(await post("account.register", body));
      expect(answer).toMatchObject({ ok: false, status, code: "invalid_input" });
    });
    expect(calls).toBe(0);
  });

  it("more calls at once than a batch may carry, hidden behind empty paths or not", async () => {
    const calls = await callsOf(async () => {
      for (const path of [
        Array(LIMITS.trpcBatchMax + 1)
          .fill("account.me")
          .join(","),
        ",".repeat(LIMITS.trpcBatchMax + 1),
      ]) {
        const answer = await answerOf(await post(`${path}?batch=1`, "{}"));
        expect(answer).toMatchObject({ ok: false, status: 400, code: "invalid_input" });
      }
    });
    expect(calls).toBe(0);
  });

  it("a body that is larger than any call needs", async () => {
    const calls = await callsOf(async () => {
      const answer = await answerOf(
        await post("account.register", JSON.stringify({ text: "x".repeat(LIMITS.trpcBodyBytesMax) })),
      );
      expect(answer).toMatchObject({ ok: false, status: 413, code: "frame_too_large" });
    });
    expect(calls).toBe(0);
  });

  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/octet-stream",
  ])("a body of type %s", async (contentType) => {
    const answer = await answerOf(await post("account.signOut", "{}", { "content-type": contentType }));
    expect(answer).toMatchObject({ ok: false, status: 400, code: "invalid_input" });
  });

  it("a procedure that does not exist", async () => {
    for (const path of ["account.nothing", "__proto__", "constructor.prototype", "account.__proto__"]) {
      expect(await house.browser().call(path)).toMatchObject({ ok: false, status: 404, code: "not_found" });
    }
  });
});

it("a page of another origin can call nothing, not even for somebody who is signed in", async () => {
  const { browser } = await house.signedIn();
  const foreign = { ...JSON_TYPE, origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  const calls = await callsOf(async () => {
    const answer = await answerOf(
      await browser.send("/api/trpc/account.signOut", { method: "POST", headers: foreign, body: "{}" }),
    );
    expect(answer).toMatchObject({ ok: false, status: 403, code: "origin_refused" });
  });
  expect(calls).toBe(0);
  expect(await browser.call("account.me")).toMatchObject({ ok: true });
});

it("nothing is changed by GET", async () => {
  const { browser } = await house.signedIn();
  const answer = await answerOf(await browser.send("/api/trpc/account.signOut"));
  expect(answer).toMatchObject({ ok: false, code: "invalid_input" });
  expect(await browser.call("account.me")).toMatchObject({ ok: true });
});

it("a refusal says its code and nothing of the house: no stack, no message of ours", async () => {
  const { browser } = await house.signedIn();
  const answer = await browser.call("room.get", { roomId: newId("room") });
  if (answer.ok) throw new Error("must be refused");
  expect(JSON.parse(answer.body)).toEqual({
    error: {
      code: -32_004,
      message: "not_found",
      data: {
        code: "NOT_FOUND",
        httpStatus: 404,
        path: "room.get",
        appCode: "not_found",
        retryable: false,
        retryAfterMs: null,
      },
    },
  });
});

it("in a batch each call has its own answer, and each counts against the limits", async () => {
  const { browser } = await house.signedIn();
  const paths = ["account.me", "room.get", "room.list"];
  const body = JSON.stringify({ 1: { roomId: newId("room") } });
  const response = await browser.send(`/api/trpc/${paths.join(",")}?batch=1`, {
    method: "POST",
    headers: JSON_TYPE,
    body,
  });
  expect(response.status).toBe(207);
  expect(await response.json()).toMatchObject([
    { result: { data: { email: expect.any(String) as string } } },
    { error: { data: { appCode: "not_found" } } },
    { result: { data: { rooms: [] } } },
  ]);
});

it("the caller's correlation id comes back, and a new one for a malformed one", async () => {
  const headers = { ...JSON_TYPE, "x-correlation-id": "flow-of-this-test" };
  expect((await post("account.me", "{}", headers)).headers.get("x-correlation-id")).toBe("flow-of-this-test");
  const malformed = await post("account.me", "{}", { ...JSON_TYPE, "x-correlation-id": "no {spaces}" });
  expect(malformed.headers.get("x-correlation-id")).toMatch(/^[A-Za-z0-9_-]{16}$/);
});

it("answers are kept by no cache", async () => {
  expect((await post("account.me", "{}")).headers.get("cache-control")).toBe("no-store");
});

it("who calls more often than a person can is told when to come back, over all calls of their batches", async () => {
  const { browser } = await house.signedIn();
  const batch = Array(LIMITS.trpcBatchMax).fill("contact.findByTag").join(",");
  const inputs = Object.fromEntries(
    Array.from({ length: LIMITS.trpcBatchMax }, (_, index) => [index, { tag: "nobody-2222" }]),
  );
  const answers: unknown[] = [];
  for (const _ of [1, 2]) {
    const response = await browser.send(`/api/trpc/${batch}?batch=1`, {
      method: "POST",
      headers: JSON_TYPE,
      body: JSON.stringify(inputs),
    });
    answers.push(...((await response.json()) as unknown[]));
  }
  const refused = answers.filter((answer) => JSON.stringify(answer).includes("rate_limited"));
  expect(refused.length).toBe(10);
  expect(refused[0]).toMatchObject({
    error: { data: { retryable: true, retryAfterMs: expect.any(Number) as number } },
  });
});

it("a message that cannot be one is refused with its reason", async () => {
  const { browser, person } = await house.signedIn();
  const other = await house.signedIn({ name: "Ben", language: "en" });
  const opened = await browser.call("room.openDirect", { userId: other.person.userId });
  if (!opened.ok) throw new Error(opened.code);
  const { room } = opened.output as { room: { roomId: string } };
  const send = (text: string) => browser.call("message.send", { roomId: room.roomId, clientId: newClientId(), text });
  expect(await send("  ")).toMatchObject({ ok: false, status: 400, code: "text_empty" });
  expect(await send("x".repeat(LIMITS.messageCodePointsMax + 1))).toMatchObject({
    ok: false,
    status: 400,
    code: "text_too_long",
  });
  expect(await send("a\u0000b")).toMatchObject({ ok: false, status: 400, code: "text_control_characters" });
  expect(await send("hola")).toMatchObject({
    ok: true,
    output: { seq: 1, message: { senderId: person.userId, text: "hola" } },
  });
});

describe("P11: more reads than can be answered", () => {
  it("wait and are refused with 503, a code and a time for the next try, while a ticket is got at once", async () => {
    const { browser } = await house.signedIn();
    let end = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    const busy = Array.from({ length: LIMITS.readsAtOnceMax }, () => house.services.reads.run(() => ended));
    const waiting = Array.from({ length: LIMITS.readsWaitingMax }, () => house.services.reads.run(async () => {}));
    const refused = await answerOf(await browser.send("/api/trpc/account.me"));
    expect(refused).toMatchObject({ ok: false, status: 503, code: "overloaded", retryable: true });
    expect(refused.ok ? null : refused.retryAfterMs).toBeGreaterThanOrEqual(LIMITS.overloadedRetryMinMs);
    expect((await browser.call("account.realtimeTicket")).ok).toBe(true);
    end();
    await Promise.all([...busy, ...waiting]);
    expect((await answerOf(await browser.send("/api/trpc/account.me"))).ok).toBe(true);
  });
});

it("whoever polls hears when a realtime process began to take connections last", async () => {
  const { browser } = await house.signedIn();
  const input = encodeURIComponent(JSON.stringify({ cursors: [] }));
  const since = async () => {
    const answer = await answerOf(await browser.send(`/api/trpc/message.resume?input=${input}`));
    return outputOf(answer, resumeOutputSchema).realtimeSince;
  };
  expect(await since()).toBeNull();
  const noted = await house.services.redis.realtimeStarts.note(1_700_000_000_000);
  expect(noted.ok).toBe(true);
  expect(await since()).toBe(1_700_000_000_000);
});

describe("P11: more sends than can be stored", () => {
  it("are refused with 503, a code and a time for the next try, and taken again when there is room", async () => {
    const [ana, ben] = [await house.signedIn({ name: "Ana" }), await house.signedIn({ name: "Ben" })];
    const opened = await ana.browser.call("room.openDirect", { userId: ben.person.userId });
    const roomId = outputOf(opened, z.object({ room: z.object({ roomId: z.string() }) })).room.roomId as RoomId;
    const send = () => ana.browser.call("message.send", { roomId, clientId: newClientId(), text: "hola" });
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const { admission } = house.services;
    const held = Array.from({ length: LIMITS.sendWindowFirst }, () =>
      admission.run(roomId, () => released.then(() => ok(null))),
    );
    const refusal = { status: 503, code: "overloaded", retryable: true, retryAfterMs: expect.any(Number) };
    expect(await send()).toMatchObject(refusal);
    release();
    await Promise.all(held);
    expect(await send()).toMatchObject({ ok: true });
  });
});
