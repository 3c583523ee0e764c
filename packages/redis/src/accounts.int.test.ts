import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { waitFor } from "@ashchat/runtime/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RedisParts } from "./connect";
import { newUserId, pendingAccount, redisBench, type RedisBench } from "./testing";

const TTL_MS = LIMITS.codeTtlMs;
const IP = "192.0.2.1";

let bench: RedisBench;
let redis: RedisParts;
beforeEach(async () => {
  bench = redisBench();
  redis = await bench.connect();
});
afterEach(async () => bench.close());

describe("tickets", () => {
  it("give back their holder once, however many ask at the same time", async () => {
    const holder = { userId: newUserId(), sessionId: newId("ses") };
    const issued = await redis.tickets.issueTicket(holder);
    if (!issued.ok) throw new Error("no ticket");
    const other = await bench.connect();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        (index % 2 === 0 ? redis : other).tickets.redeemTicket(issued.value.ticket),
      ),
    );
    const winners = answers.filter((answer) => answer.ok && answer.value !== null);
    expect(winners).toEqual([{ ok: true, value: holder }]);
    expect(answers.every(({ ok }) => ok)).toBe(true);
  });

  it("end by themselves after 30 seconds, and Redis holds nothing that opens a socket", async () => {
    const issued = await redis.tickets.issueTicket({ userId: newUserId(), sessionId: newId("ses") });
    if (!issued.ok) throw new Error("no ticket");
    const [key = ""] = await bench.keys();
    expect(key).not.toContain(issued.value.ticket);
    expect(await bench.raw.get(key)).not.toContain(issued.value.ticket);
    const ttlMs = await bench.raw.pttl(key);
    expect(ttlMs).toBeGreaterThan(LIMITS.ticketTtlMs - 5_000);
    expect(ttlMs).toBeLessThanOrEqual(LIMITS.ticketTtlMs);
    await bench.raw.pexpire(key, 1);
    await waitFor(async () => (await bench.raw.exists(key)) === 0);
    expect(await redis.tickets.redeemTicket(issued.value.ticket)).toEqual({ ok: true, value: null });
  });

  it.each(["", "x", "*", "x".repeat(10_000)])("a made-up ticket %# opens nothing", async (ticket) => {
    expect(await redis.tickets.redeemTicket(ticket)).toEqual({ ok: true, value: null });
  });
});

describe("pending registrations", () => {
  it("a redelivered registration gives back no tries, lowers no send number and lengthens nothing", async () => {
    const id = newUserId();
    const account = pendingAccount();
    await redis.codes.putPending(id, { account, sendNumber: 1 }, TTL_MS);
    expect(await redis.codes.raiseSendNumber(id, 2, TTL_MS)).toMatchObject({
      ok: true,
      value: { account, sendNumber: 2 },
    });
    await redis.codes.countTry(id, 2, false);
    const key = `${bench.namespace}:pending:${id}`;
    await bench.raw.pexpire(key, 5_000);
    await redis.codes.putPending(id, { account: pendingAccount("other@example.org"), sendNumber: 1 }, TTL_MS);
    expect(await redis.codes.getPending(id)).toMatchObject({ ok: true, value: { account, sendNumber: 2 } });
    expect(await redis.codes.countTry(id, 2, false)).toEqual({ ok: true, value: 2 });
    expect(await bench.raw.pttl(key)).toBeLessThanOrEqual(5_000);
  });

  it("an older resend that comes late does not bring back an older code", async () => {
    const id = newUserId();
    await redis.codes.putPending(id, { account: pendingAccount(), sendNumber: 1 }, TTL_MS);
    await redis.codes.raiseSendNumber(id, 3, TTL_MS);
    expect(await redis.codes.raiseSendNumber(id, 2, TTL_MS)).toMatchObject({ ok: true, value: { sendNumber: 3 } });
  });

  it("of 50 parallel guesses exactly five are within the limit", async () => {
    const id = newUserId();
    await redis.codes.putPending(id, { account: pendingAccount(), sendNumber: 1 }, TTL_MS);
    const other = await bench.connect();
    const counts = await Promise.all(
      Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? redis : other).codes.countTry(id, 1, false)),
    );
    const within = counts.filter((count) => count.ok && count.value !== null && count.value <= LIMITS.codeTriesMax);
    expect(within).toHaveLength(LIMITS.codeTriesMax);
    expect(await redis.codes.countTry(id, 1, true)).toEqual({ ok: true, value: 51 });
    expect(await redis.codes.countTry(id, 1, true)).toEqual({ ok: true, value: 52 });
  });

  it("a right try does not count, a new code has its own tries", async () => {
    const id = newUserId();
    await redis.codes.putPending(id, { account: pendingAccount(), sendNumber: 1 }, TTL_MS);
    const parallel = await Promise.all(Array.from({ length: 50 }, () => redis.codes.countTry(id, 1, true)));
    expect(parallel).toEqual(Array(50).fill({ ok: true, value: 1 }));
    await redis.codes.countTry(id, 1, false);
    expect(await redis.codes.countTry(id, 1, true)).toEqual({ ok: true, value: 2 });
    expect(await redis.codes.countTry(id, 2, false)).toEqual({ ok: true, value: 1 });
  });

  it("end with their time to live; counting a try of nothing makes nothing", async () => {
    const id = newUserId();
    await redis.codes.putPending(id, { account: pendingAccount(), sendNumber: 1 }, 30);
    await waitFor(async () => {
      const pending = await redis.codes.getPending(id);
      return pending.ok && pending.value === null;
    });
    expect(await redis.codes.countTry(id, 1, true)).toEqual({ ok: true, value: null });
    expect(await redis.codes.raiseSendNumber(id, 2, TTL_MS)).toEqual({ ok: true, value: null });
    expect(await bench.keys()).toEqual([]);
  });
});

describe("sending codes again", () => {
  const email = "ana@example.org";

  /** As if the last mail were older than a minute. */
  async function waitEnough(id: string) {
    await bench.raw.hset(`${bench.namespace}:sends:${id}`, "at", Date.now() - LIMITS.codeResendAfterMs);
  }

  it("is refused for a minute, then numbers 2, 3 up to three mails an hour for one address", async () => {
    const id = newUserId();
    expect((await redis.limits.register({ ip: IP, email, registrationId: id })).ok).toBe(true);
    const soon = await redis.codeSends.next(id);
    expect(soon).toMatchObject({ ok: false, error: { code: "resend_too_soon" } });
    const waitMs = soon.ok ? 0 : (soon.error.retryAfterMs ?? 0);
    expect(waitMs).toBeGreaterThan(LIMITS.codeResendAfterMs - 5_000);
    expect(waitMs).toBeLessThanOrEqual(LIMITS.codeResendAfterMs);
    await waitEnough(id);
    expect(await redis.codeSends.next(id)).toEqual({ ok: true, value: 2 });
    await waitEnough(id);
    expect(await redis.codeSends.next(id)).toEqual({ ok: true, value: 3 });
    await waitEnough(id);
    expect(await redis.codeSends.next(id)).toMatchObject({ ok: false, error: { code: "rate_limited" } });
    const again = await redis.limits.register({ ip: "198.51.100.9", email, registrationId: newUserId() });
    expect(again).toMatchObject({ ok: false, error: { code: "rate_limited" } });
  });

  it("is refused after ten mails in a day to one address, however they are spread over the hours", async () => {
    let sent = 0;
    for (let hour = 0; hour < 6; hour += 1) {
      for (let call = 0; call < LIMITS.codeSendsPerHour; call += 1) {
        const answer = await redis.limits.register({ ip: `192.0.2.${hour}`, email, registrationId: newUserId() });
        if (answer.ok) sent += 1;
      }
      const hourly = (await bench.keys()).filter((key) => key.includes("codeSendsHour"));
      await bench.raw.unlink(...hourly);
    }
    expect(sent).toBe(LIMITS.codeSendsPerDay);
  });

  it("of many clicks at once one counts", async () => {
    const id = newUserId();
    await redis.limits.register({ ip: IP, email, registrationId: id });
    await waitEnough(id);
    const answers = await Promise.all(Array.from({ length: 20 }, () => redis.codeSends.next(id)));
    expect(answers.filter(({ ok }) => ok)).toEqual([{ ok: true, value: 2 }]);
  });

  it("answers for an id that it has never seen as for any other", async () => {
    const id = newUserId();
    expect(await redis.codeSends.next(id)).toEqual({ ok: true, value: 2 });
    expect(await redis.codeSends.next(id)).toMatchObject({ ok: false, error: { code: "resend_too_soon" } });
  });
});

describe("limits", () => {
  it("count over all processes and say when to come again", async () => {
    const other = await bench.connect();
    const answers = [];
    for (let call = 0; call < 11; call += 1) {
      answers.push(await (call % 2 === 0 ? redis : other).limits.signIn({ ip: IP, email: "ana@example.org" }));
    }
    expect(answers.map(({ ok }) => ok)).toEqual([...Array.from({ length: 10 }, () => true), false]);
    expect(answers[10]).toMatchObject({ error: { code: "rate_limited", retryable: true } });
    const last = answers[10];
    const waitMs = last?.ok === false ? (last.error.retryAfterMs ?? 0) : 0;
    expect(waitMs).toBeGreaterThan(14 * 60_000);
    expect(waitMs).toBeLessThanOrEqual(15 * 60_000);
  });

  it("who guesses one account locks out neither its owner elsewhere nor others beside him", async () => {
    for (let call = 0; call < 11; call += 1) await redis.limits.signIn({ ip: IP, email: "ana@example.org" });
    expect((await redis.limits.signIn({ ip: "198.51.100.9", email: "ana@example.org" })).ok).toBe(true);
    expect((await redis.limits.signIn({ ip: IP, email: "ben@example.org" })).ok).toBe(true);
  });

  it("one account cannot be guessed from many networks without end", async () => {
    let allowed = 0;
    for (let network = 0; network < 120; network += 1) {
      const answer = await redis.limits.signIn({ ip: `198.51.100.${network}`, email: "ana@example.org" });
      if (answer.ok) allowed += 1;
    }
    expect(allowed).toBe(100);
  });

  it("no more code mails leave in an hour than the ceiling, and one address alone cannot use it up", async () => {
    const ceiling = 3_000;
    const loud = await Promise.all(
      Array.from({ length: 50 }, (_, network) =>
        redis.limits.register({ ip: `203.0.113.${network}`, email: "ana@example.org", registrationId: newUserId() }),
      ),
    );
    const sent = loud.filter(({ ok }) => ok).length;
    expect(sent).toBe(LIMITS.codeSendsPerHour);
    const others: boolean[] = [];
    for (let first = 0; first < ceiling; first += 100) {
      const answers = await Promise.all(
        Array.from({ length: 100 }, async (_, index) => {
          const number = first + index;
          const ip = `198.51.${Math.floor(number / 50)}.1`;
          return redis.limits.register({ ip, email: `${number}@example.org`, registrationId: newUserId() });
        }),
      );
      others.push(...answers.map(({ ok }) => ok));
    }
    expect(others.filter(Boolean)).toHaveLength(ceiling - sent);
    expect(await redis.codeSends.next(newUserId())).toMatchObject({ ok: false, error: { code: "rate_limited" } });
  });

  it("a window ends by itself", async () => {
    const userId = newUserId();
    for (let call = 0; call < 30; call += 1) await redis.limits.findByTag({ userId });
    expect((await redis.limits.findByTag({ userId })).ok).toBe(false);
    const [key = ""] = await bench.keys();
    expect(await bench.raw.pttl(key)).toBeLessThanOrEqual(60_000);
    await bench.raw.pexpire(key, 1);
    await waitFor(async () => (await redis.limits.findByTag({ userId })).ok);
  });

  it("show no address in any key", async () => {
    await redis.limits.register({ ip: IP, email: "ana@example.org", registrationId: newUserId() });
    await redis.limits.signIn({ ip: IP, email: "ana@example.org" });
    const keys = await bench.keys();
    expect(keys.length).toBeGreaterThan(5);
    expect(keys.join("\n")).not.toMatch(/ana|example/);
  });
});
