import { cryptoRandomBytes, newId, type UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { tagSchema } from "@ashchat/contracts/room";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Account, Profile } from "../ports";
import { ANA, answering, BEN, callerOf, clock, failing, NOW, outcomeOf, recorder } from "../testing/fakes";
import { ensureProfile, rescueProfiles, type RescueProfilesDeps } from "./ensure-profile";
import { findByTag, me, updateProfile, type UpdateProfileDeps } from "./profile";
import { tagFor } from "./tag";

const PROFILE: Profile = {
  userId: ANA,
  tag: "ana-4k7q",
  name: "Ana",
  about: "",
  language: "es",
  understands: ["pt"],
  lastSeenAt: 5,
};
const ACCOUNT: Account = {
  userId: ANA,
  email: "ana@example.org",
  passwordHash: "hash",
  uiLanguage: "es",
  pendingProfile: { name: "Ana", language: "es" },
  createdAt: 1,
};
const CALLER = { ...callerOf(ANA), sessionId: newId("ses") };

describe("tags", () => {
  test.each([
    ["Ana", /^ana-/],
    ["  José María ", /^jose-/],
    ["Ørsted Łukasz", /^rsted-/],
    ["Анна", /^friend-/],
    ["👋", /^friend-/],
    ["Maximilian-Alexander-Ferdinand", /^maximilianalexanderf-/],
  ])("of %s begin with the first name's Latin letters", (name, stem) => {
    expect(tagFor(name, 0, cryptoRandomBytes)).toMatch(stem);
  });

  test("fit their schema whatever the name, and get longer endings after collisions", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(1_000), (name, attempt) => {
        expect(tagSchema.safeParse(tagFor(name, attempt, cryptoRandomBytes)).success).toBe(true);
      }),
    );
    const endings = [0, 3, 6, 99].map((attempt) => tagFor("Ana", attempt, cryptoRandomBytes).length - "ana-".length);
    expect(endings).toEqual([4, 5, 6, 8]);
  });
});

describe("P12: the profile of an account", () => {
  function setUp(account: Account | null, overrides: Partial<RescueProfilesDeps["profiles"]> = {}) {
    const created: Profile[] = [];
    const steps: string[] = [];
    const deps: RescueProfilesDeps = {
      clock,
      randomBytes: cryptoRandomBytes,
      crash: (name) => void steps.push(name),
      accounts: {
        findById: () => answering(account),
        clearPendingProfile: () => {
          steps.push("cleared");
          return answering(undefined);
        },
        withPendingProfile: (before) => {
          steps.push(`before ${before}`);
          return answering([ANA]);
        },
      },
      profiles: {
        find: () => answering(PROFILE),
        create: (profile) => {
          created.push(profile);
          return answering(profile);
        },
        ...overrides,
      },
    };
    return { deps, created, steps };
  }

  test("is made from what was registered, then the account owes nothing more", async () => {
    const { deps, created, steps } = setUp(ACCOUNT);
    const outcome = outcomeOf(await ensureProfile(deps, { userId: ANA }));
    expect(created).toMatchObject([
      { userId: ANA, name: "Ana", language: "es", about: "", understands: [], lastSeenAt: null },
    ]);
    expect(outcome).toEqual(created[0]);
    expect(steps).toEqual(["profile.before_create", "profile.after_create", "cleared", "profile.after_clear"]);
  });

  test("is made once: an account that owes none answers the one that there is", async () => {
    const { deps, created } = setUp({ ...ACCOUNT, pendingProfile: null });
    expect(outcomeOf(await ensureProfile(deps, { userId: ANA }))).toEqual(PROFILE);
    expect(created).toEqual([]);
  });

  test("of no account is none", async () => {
    expect(outcomeOf(await ensureProfile(setUp(null).deps, { userId: ANA }))).toBeNull();
  });

  test("gets another tag where the first is taken, a bounded number of times", async () => {
    const tags = new Set<string>();
    const taken = (free: number) =>
      setUp(ACCOUNT, {
        create: (profile) => {
          tags.add(profile.tag);
          return tags.size > free ? answering(profile) : failing("conflict");
        },
      });
    expect(outcomeOf(await ensureProfile(taken(4).deps, { userId: ANA }))).toMatchObject({ userId: ANA });
    expect(tags.size).toBe(5);
    tags.clear();
    const never = taken(Infinity);
    expect(outcomeOf(await ensureProfile(never.deps, { userId: ANA }))).toEqual({ code: "conflict" });
    expect([tags.size, never.steps]).toEqual([LIMITS.tagTriesMax, ["profile.before_create"]]);
  });

  test("is rescued by the sweep when its job was lost, but not while the job may still come", async () => {
    const { deps, created, steps } = setUp(ACCOUNT);
    expect(outcomeOf(await rescueProfiles(deps))).toBe(1);
    expect(created).toHaveLength(1);
    expect(steps[0]).toBe(`before ${NOW - LIMITS.pendingFirstDueMs}`);
  });

  test("P10: of an account for which none can be made stops no account behind it, but a store that is away ends the turn", async () => {
    const sweep = async (code: "internal" | "timeout") => {
      const made: UserId[] = [];
      const { deps } = setUp(ACCOUNT, {
        create: (profile) => {
          if (profile.userId === ANA) return failing(code);
          made.push(profile.userId);
          return answering(profile);
        },
      });
      const accounts: RescueProfilesDeps["accounts"] = {
        ...deps.accounts,
        findById: (userId) => answering({ ...ACCOUNT, userId }),
        withPendingProfile: () => answering([ANA, BEN]),
      };
      return { outcome: outcomeOf(await rescueProfiles({ ...deps, accounts })), made };
    };
    expect(await sweep("internal")).toEqual({ outcome: { code: "internal" }, made: [BEN] });
    expect(await sweep("timeout")).toEqual({ outcome: { code: "timeout" }, made: [] });
  });
});

describe("one's own profile", () => {
  const NOW = 5_000;

  function setUp(profile: Profile | null = PROFILE) {
    const world = recorder();
    const writes: unknown[] = [];
    const deps: UpdateProfileDeps = {
      announcer: world.announcer,
      clock: { now: () => NOW },
      accounts: {
        findById: () => answering(ACCOUNT),
        setUiLanguage: (_userId, uiLanguage) => {
          writes.push({ uiLanguage });
          return answering(undefined);
        },
      },
      profiles: {
        find: () => answering(profile),
        update: (_userId, fields, at) => {
          writes.push({ ...fields, at });
          return answering(profile === null ? null : { ...profile, ...fields });
        },
      },
    };
    return { deps, writes, ...world };
  }

  test("is shown without what only the house knows", async () => {
    const view = outcomeOf(await me(setUp().deps, CALLER));
    expect(view).toEqual({
      profile: { userId: ANA, tag: "ana-4k7q", name: "Ana", about: "", language: "es" },
      email: ACCOUNT.email,
      sessionId: CALLER.sessionId,
      understands: ["pt"],
      uiLanguage: "es",
    });
  });

  test("between the account and its profile it is unavailable, to be asked again", async () => {
    const outcome = await me(setUp(null).deps, CALLER);
    expect(outcome.ok ? null : outcome.error).toMatchObject({
      code: "unavailable",
      retryable: true,
      retryAfterMs: 1_000,
    });
  });

  test("a change writes the given fields and tells those who share a room", async () => {
    const { deps, writes, announced } = setUp();
    await updateProfile(deps, CALLER, { about: "  hi ", understands: ["en", "en"], uiLanguage: "fr" });
    expect(writes).toEqual([{ uiLanguage: "fr" }, { about: "hi", understands: ["en"], at: NOW }]);
    expect(announced).toMatchObject([{ kind: "profile", profile: { userId: ANA, about: "hi" }, understands: ["en"] }]);
  });

  test("another language of the screens alone is told as well: the person's other devices look again", async () => {
    const { deps, writes, announced } = setUp();
    await updateProfile(deps, CALLER, { uiLanguage: "fr" });
    expect(writes).toEqual([{ uiLanguage: "fr" }, { at: NOW }]);
    expect(announced).toMatchObject([{ kind: "profile", profile: { userId: ANA } }]);
  });

  test("an emptied about is fine, one with control characters or too long is refused before anything is written", async () => {
    const { deps, writes } = setUp();
    await updateProfile(deps, CALLER, { about: " " });
    expect(writes).toEqual([{ about: "", at: NOW }]);
    const bad = [{ about: "a\u0007" }, { about: "x".repeat(LIMITS.aboutCodePointsMax + 1), uiLanguage: "fr" as const }];
    const codes = await Promise.all(bad.map(async (input) => outcomeOf(await updateProfile(deps, CALLER, input))));
    expect(codes).toEqual([{ code: "text_control_characters" }, { code: "text_too_long" }]);
    expect(writes).toHaveLength(1);
  });

  test("a tag finds the person as others may see them, or nobody", async () => {
    const found = await findByTag({ profiles: { findByTag: () => answering(PROFILE) } }, CALLER, { tag: PROFILE.tag });
    expect(outcomeOf(found)).toEqual({ userId: ANA, tag: "ana-4k7q", name: "Ana", about: "", language: "es" });
    const nobody = await findByTag({ profiles: { findByTag: () => answering(null) } }, CALLER, { tag: "x-0000" });
    expect(outcomeOf(nobody)).toEqual({ code: "not_found" });
  });
});
