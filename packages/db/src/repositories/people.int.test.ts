import { newId } from "@ashchat/contracts/ids";
import type { Account, Session } from "@ashchat/core/ports";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makePerson, must, testDatabase, type TestDatabase } from "../testing";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

function newAccount(overrides: Partial<Account> = {}): Account {
  const userId = newId("usr");
  return {
    userId,
    email: `${userId}@example.org`,
    passwordHash: "hash",
    uiLanguage: "es",
    pendingProfile: { name: "Ana", language: "es" },
    createdAt: 1_000,
    ...overrides,
  };
}

function newSession(overrides: Partial<Session> = {}): Session {
  return {
    sessionId: newId("ses"),
    userId: newId("usr"),
    device: { name: "Firefox", os: "Linux" },
    createdAt: 1,
    lastSeenAt: 1,
    expiresAt: 1_000,
    revokedAt: null,
    ...overrides,
  };
}

describe("P12: accounts", () => {
  test("the same registration inserted many times at once is one account", async () => {
    const { accounts } = database.stores;
    const account = newAccount();
    const inserted = await Promise.all(Array.from({ length: 5 }, () => accounts.insert(account)));
    for (const outcome of inserted) expect(must(outcome)).toEqual(account);
    expect(await database.raw.collection("users").countDocuments({ email: account.email })).toBe(1);
  });

  test("one address has one account: of two registrations one gets it, the other a conflict", async () => {
    const { accounts } = database.stores;
    const email = "twice@example.org";
    const outcomes = await Promise.all([
      accounts.insert(newAccount({ email })),
      accounts.insert(newAccount({ email })),
    ]);
    expect(outcomes.map((outcome) => (outcome.ok ? "stored" : outcome.error.code)).toSorted()).toEqual([
      "conflict",
      "stored",
    ]);
  });

  test("a repeated insert changes nothing, not even after the profile was made", async () => {
    const { accounts } = database.stores;
    const account = newAccount();
    must(await accounts.insert(account));
    must(await accounts.clearPendingProfile(account.userId));
    expect(must(await accounts.insert(account)).pendingProfile).toBeNull();
    expect(must(await accounts.findById(account.userId))?.pendingProfile).toBeNull();
  });

  test("accounts without a profile are found for the sweep, oldest first, until the profile is made", async () => {
    const { accounts } = database.stores;
    const [old, older, young] = [
      newAccount({ createdAt: 20 }),
      newAccount({ createdAt: 10 }),
      newAccount({ createdAt: 900 }),
    ];
    for (const account of [old, older, young]) must(await accounts.insert(account));
    expect(must(await accounts.withPendingProfile(500, 10))).toEqual([older.userId, old.userId]);
    expect(must(await accounts.withPendingProfile(500, 1))).toEqual([older.userId]);
    must(await accounts.clearPendingProfile(older.userId));
    expect(must(await accounts.withPendingProfile(500, 10))).toEqual([old.userId]);
  });

  test("an operator in place of a value is only a value: it finds nobody", async () => {
    const { accounts, profiles, sessions } = database.stores;
    must(await accounts.insert(newAccount()));
    await makePerson(database.stores);
    const operator = JSON.parse('{"$ne":null}');
    const outcomes = await Promise.allSettled([
      accounts.findByEmail(operator),
      accounts.findById(operator),
      profiles.findByTag(operator),
      sessions.find(operator),
    ]);
    for (const outcome of outcomes) {
      expect(outcome.status === "rejected" || (outcome.value.ok && outcome.value.value === null)).toBe(true);
    }
  });
});

describe("profiles", () => {
  test("created many times at once it is one profile; a taken tag is a conflict", async () => {
    const { profiles } = database.stores;
    const profile = await makePerson(database.stores);
    const again = await Promise.all(
      Array.from({ length: 4 }, (_, index) => profiles.create({ ...profile, tag: `ana-zzz${index}` })),
    );
    for (const outcome of again) expect(must(outcome)).toEqual(profile);
    const other = await profiles.create({ ...profile, userId: newId("usr") });
    expect(other.ok ? "created" : other.error.code).toBe("conflict");
    expect(must(await profiles.findByTag(profile.tag))).toEqual(profile);
  });

  test("an update changes the given fields only, and is null for nobody", async () => {
    const { profiles } = database.stores;
    const profile = await makePerson(database.stores);
    const fields = { about: "", language: "fr", understands: ["en"] } as const;
    const change = { ...fields, understands: [...fields.understands] };
    const updated = must(await profiles.update(profile.userId, change, 1));
    expect(updated).toEqual({ ...profile, ...fields });
    expect(must(await profiles.update(newId("usr"), { name: "B" }, 1))).toBeNull();
  });

  test("those that changed after a moment are found, the oldest change first and no more than asked for", async () => {
    const { profiles } = database.stores;
    const { userId: first } = await makePerson(database.stores);
    const { userId: second } = await makePerson(database.stores);
    await makePerson(database.stores);
    const at = 4_000_000_000_000;
    must(await profiles.update(second, { name: "B" }, at + 1));
    must(await profiles.update(first, {}, at + 2));
    const changedSince = async (since: number, limit: number) =>
      must(await profiles.changedSince(since, limit)).map(({ userId }) => userId);
    expect(await changedSince(at, 10)).toEqual([second, first]);
    expect(await changedSince(at + 1, 10)).toEqual([first]);
    expect(await changedSince(at, 1)).toEqual([second]);
    must(await profiles.update(first, { name: "late" }, at));
    expect(await changedSince(at + 1, 10), "a change whose clock is behind hides none").toEqual([first]);
  });

  test("last-seen times only grow", async () => {
    const { profiles } = database.stores;
    const { userId } = await makePerson(database.stores);
    for (const at of [50, 90, 70])
      must(
        await profiles.setLastSeen([
          { userId, at },
          { userId: newId("usr"), at },
        ]),
      );
    expect(must(await profiles.find(userId))?.lastSeenAt).toBe(90);
    must(await profiles.setLastSeen([]));
    expect(must(await profiles.findMany([userId, newId("usr")]))).toHaveLength(1);
    expect(must(await profiles.findMany([]))).toEqual([]);
  });
});

describe("P13: sessions", () => {
  test("only live ones are listed, newest use first", async () => {
    const { sessions } = database.stores;
    const userId = newId("usr");
    const [first, second] = [newSession({ userId, lastSeenAt: 5 }), newSession({ userId, lastSeenAt: 9 })];
    const expired = newSession({ userId, expiresAt: 10 });
    const revoked = newSession({ userId });
    for (const session of [first, second, expired, revoked, newSession()]) must(await sessions.insert(session));
    must(await sessions.revoke(userId, revoked.sessionId, 50));
    expect(must(await sessions.listLive(userId, 10))).toEqual([second, first]);
  });

  test("revoked once, by its owner only, and found by those who ask since when", async () => {
    const { sessions } = database.stores;
    const session = newSession();
    must(await sessions.insert(session));
    expect(must(await sessions.revoke(newId("usr"), session.sessionId, 700))).toBeNull();
    expect(must(await sessions.revoke(session.userId, session.sessionId, 700))).toEqual({ ...session, revokedAt: 700 });
    expect(must(await sessions.revoke(session.userId, session.sessionId, 800))).toBeNull();
    expect(must(await sessions.revokedSince(699))).toEqual([{ ...session, revokedAt: 700 }]);
    expect(must(await sessions.revokedSince(700))).toEqual([]);
  });

  test("use is noted forwards only; expired ones are cleaned up", async () => {
    const { sessions } = database.stores;
    const session = newSession({ expiresAt: 5 });
    must(await sessions.insert(session));
    must(await sessions.touch(session.sessionId, 30));
    must(await sessions.touch(session.sessionId, 20));
    expect(must(await sessions.find(session.sessionId))?.lastSeenAt).toBe(30);
    expect(must(await sessions.deleteExpired(6))).toBe(1);
    expect(must(await sessions.find(session.sessionId))).toBeNull();
  });
});
