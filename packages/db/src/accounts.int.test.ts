import { cryptoRandomBytes, newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { ok } from "@ashchat/contracts/result";
import { confirmEmail } from "@ashchat/core/account/confirm-email";
import { ensureProfile, rescueProfiles } from "@ashchat/core/account/ensure-profile";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { must, testDatabase, type TestDatabase } from "./testing";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

class Killed extends Error {}

/** A process in which the code is right; it can be killed at a named step. */
function newProcess(email: string, killedAt: string | null = null) {
  const offered: string[] = [];
  const account = { email, name: "Ana", language: "es", uiLanguage: "es", passwordHash: "hash" } as const;
  const deps = {
    ...database.stores,
    codes: { confirm: async () => ok({ status: "confirmed" as const, account }) },
    publisher: { offer: (queue: string) => void offered.push(queue) },
    clock: { now: () => 1_000 },
    randomBytes: cryptoRandomBytes,
    crash(name: string) {
      if (name === killedAt) throw new Killed(name);
    },
  };
  return { deps, offered };
}

describe("P12: registration is all or nothing", () => {
  test.each(["confirm.after_code", "confirm.after_insert", "confirm.after_publish", null])(
    "killed at %s, confirmed again and again: one account, one profile",
    async (step) => {
      const registrationId = newId("usr");
      const email = `${registrationId}@example.org`;
      const input = { registrationId, correlationId: "test-12345", code: "123456" };
      const first = await Promise.allSettled([confirmEmail(newProcess(email, step).deps, input)]);
      expect(first).toMatchObject([
        step === null ? { status: "fulfilled", value: { ok: true } } : { status: "rejected", reason: new Killed(step) },
      ]);

      const { deps, offered } = newProcess(email);
      expect(must(await confirmEmail(deps, input))).toEqual({ email });
      expect(offered).toEqual(["PROFILE_CREATION_QUEUE"]);
      await expect(
        ensureProfile(newProcess(email, "profile.after_create").deps, { userId: registrationId }),
      ).rejects.toBeInstanceOf(Killed);
      const profiles = await Promise.all([1, 2, 3].map(() => ensureProfile(deps, { userId: registrationId })));
      expect(new Set(profiles.map((profile) => must(profile)?.tag)).size).toBe(1);
      expect(must(await confirmEmail(deps, input))).toEqual({ email });
      expect(offered).toHaveLength(1);
      expect(await database.raw.collection("users").countDocuments({ email })).toBe(1);
      expect(await database.raw.collection<{ _id: string }>("profiles").countDocuments({ _id: registrationId })).toBe(
        1,
      );
    },
  );

  test("an account whose profile job was lost gets its profile from the sweep", async () => {
    const registrationId = newId("usr");
    const { deps } = newProcess(`${registrationId}@example.org`);
    must(await confirmEmail(deps, { registrationId, correlationId: "test-12345", code: "123456" }));
    const later = { ...deps, clock: { now: () => 1_001 + LIMITS.pendingFirstDueMs } };
    expect(must(await rescueProfiles(later))).toBe(1);
    expect(must(await database.stores.profiles.find(registrationId))).toMatchObject({ name: "Ana", language: "es" });
    expect(must(await rescueProfiles(later))).toBe(0);
  });
});
