import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import {
  accountCreationJobSchema,
  confirmEmailCodeRequestSchema,
  type ConfirmEmailCodeReply,
} from "@ashchat/contracts/queues";
import { describe, expect, test } from "vitest";
import type { Account } from "../ports";
import { ANA, answering, clock, failing, NOW, outcomeOf, recorder } from "../testing/fakes";
import { confirmEmail, type ConfirmEmailDeps } from "./confirm-email";
import { register } from "./register";
import { resendCode } from "./resend-code";

const CONTEXT = { registrationId: ANA, correlationId: "correlation-1" };
const INPUT = {
  email: "ana@example.org",
  password: "correct horse",
  name: "Ana",
  language: "es",
  uiLanguage: "es",
} as const;
const PENDING = { email: INPUT.email, name: "Ana", language: "es", uiLanguage: "es", passwordHash: "hashed" } as const;
const ACCOUNT: Account = {
  userId: ANA,
  email: INPUT.email,
  passwordHash: "hashed",
  uiLanguage: "es",
  pendingProfile: { name: "Ana", language: "es" },
  createdAt: NOW,
};

describe("registering", () => {
  function setUp(known: Account | null) {
    const world = recorder();
    const hashed: string[] = [];
    const deps = {
      ...world,
      clock,
      accounts: { findByEmail: () => answering(known) },
      passwords: {
        hash: (password: string) => {
          hashed.push(password);
          return answering("hashed");
        },
      },
    };
    return { deps, hashed, ...world };
  }

  test("a new address gets a code: the job carries the hash, never the password", async () => {
    const { deps, jobs } = setUp(null);
    expect(outcomeOf(await register(deps, INPUT, CONTEXT))).toEqual({
      expiresAt: NOW + LIMITS.codeTtlMs,
      resendAfterMs: LIMITS.codeResendAfterMs,
    });
    expect(jobs).toMatchObject([
      {
        queue: "ACCOUNT_CREATION_QUEUE",
        body: { type: "account.register", ...CONTEXT, account: PENDING, sendNumber: 1 },
      },
    ]);
    expect(accountCreationJobSchema.parse(jobs[0]?.body)).toEqual(jobs[0]?.body);
    expect(JSON.stringify(jobs)).not.toContain(INPUT.password);
  });

  test("a known address gets the same answer for the same work, and another mail", async () => {
    const [unknown, known] = [setUp(null), setUp(ACCOUNT)];
    const answers = [await register(unknown.deps, INPUT, CONTEXT), await register(known.deps, INPUT, CONTEXT)];
    expect(answers[0]).toEqual(answers[1]);
    expect([unknown.hashed, known.hashed]).toEqual([[INPUT.password], [INPUT.password]]);
    expect(known.jobs).toMatchObject([
      { queue: "ACCOUNT_CREATION_QUEUE", body: { type: "account.already_registered" } },
    ]);
    expect(accountCreationJobSchema.parse(known.jobs[0]?.body)).toEqual(known.jobs[0]?.body);
    expect(JSON.stringify(known.jobs)).not.toContain("hashed");
  });

  test.each([
    ["the broker is away", { publisher: { publish: () => failing("unavailable") } }, "unavailable"],
    ["too many hashes at once", { passwords: { hash: () => failing("overloaded") } }, "overloaded"],
    ["the database is away", { accounts: { findByEmail: () => failing("timeout") } }, "timeout"],
  ] as const)("%s: nobody is told that a code is on its way", async (_name, overrides, code) => {
    expect(outcomeOf(await register({ ...setUp(null).deps, ...overrides }, INPUT, CONTEXT))).toEqual({ code });
  });
});

describe("asking for another code", () => {
  test("mails the next one", async () => {
    const { publisher, jobs } = recorder();
    const outcome = await resendCode({ sends: { next: () => answering(2) }, publisher, clock }, CONTEXT);
    expect(outcomeOf(outcome)).toMatchObject({ expiresAt: NOW + LIMITS.codeTtlMs });
    expect(jobs).toMatchObject([{ body: { type: "account.resend_code", ...CONTEXT, sendNumber: 2 } }]);
    expect(accountCreationJobSchema.parse(jobs[0]?.body)).toEqual(jobs[0]?.body);
  });

  test("too soon it mails nothing", async () => {
    const { publisher, jobs } = recorder();
    const outcome = await resendCode({ sends: { next: () => failing("resend_too_soon") }, publisher, clock }, CONTEXT);
    expect(outcomeOf(outcome)).toEqual({ code: "resend_too_soon" });
    expect(jobs).toEqual([]);
  });
});

describe("P12: confirming", () => {
  function setUp(reply: ConfirmEmailCodeReply, insert?: ConfirmEmailDeps["accounts"]["insert"]) {
    const world = recorder();
    const inserted: Account[] = [];
    const asked: unknown[] = [];
    const steps: string[] = [];
    const deps: ConfirmEmailDeps = {
      publisher: world.publisher,
      clock,
      crash: (name) => void steps.push(`${name}: ${inserted.length} accounts, ${world.jobs.length} jobs`),
      codes: {
        confirm: (request) => {
          asked.push(request);
          return answering(reply);
        },
      },
      accounts: {
        insert:
          insert ??
          ((account) => {
            inserted.push(account);
            return answering(account);
          }),
      },
    };
    return { deps, inserted, asked, steps, ...world };
  }
  const confirmed: ConfirmEmailCodeReply = { status: "confirmed", account: PENDING };

  test("the right code makes the account under the registration's id, then the job for its profile", async () => {
    const { deps, inserted, asked, jobs, steps } = setUp(confirmed);
    expect(outcomeOf(await confirmEmail(deps, { ...CONTEXT, code: "123456" }))).toEqual({ email: INPUT.email });
    expect(asked).toMatchObject([
      { registrationId: ANA, purpose: "registration", code: "123456", deadlineAt: NOW + LIMITS.rpcTimeoutMs },
    ]);
    expect(confirmEmailCodeRequestSchema.parse(asked[0])).toEqual(asked[0]);
    expect(inserted).toEqual([ACCOUNT]);
    expect(jobs).toMatchObject([{ queue: "PROFILE_CREATION_QUEUE", body: { type: "profile.create", userId: ANA } }]);
    expect(steps).toEqual([
      "confirm.before_code: 0 accounts, 0 jobs",
      "confirm.after_code: 0 accounts, 0 jobs",
      "confirm.after_insert: 1 accounts, 0 jobs",
      "confirm.after_publish: 1 accounts, 1 jobs",
    ]);
  });

  test("repeated after the profile was made, it answers the same and asks for no second profile", async () => {
    const { deps, jobs } = setUp(confirmed, () => answering({ ...ACCOUNT, pendingProfile: null }));
    expect(outcomeOf(await confirmEmail(deps, { ...CONTEXT, code: "123456" }))).toEqual({ email: INPUT.email });
    expect(jobs).toEqual([]);
  });

  test.each<[ConfirmEmailCodeReply, string]>([
    [{ status: "wrong", triesLeft: 3 }, "code_wrong"],
    [{ status: "burnt" }, "code_burnt"],
    [{ status: "expired" }, "code_expired"],
  ])("%o makes nothing", async (reply, code) => {
    const { deps, inserted, jobs } = setUp(reply);
    expect(outcomeOf(await confirmEmail(deps, { ...CONTEXT, code: "000000" }))).toEqual({ code });
    expect([inserted, jobs]).toEqual([[], []]);
  });

  test("an address that got another account meanwhile is a conflict", async () => {
    const { deps, jobs } = setUp(confirmed, () => failing("conflict"));
    expect(outcomeOf(await confirmEmail(deps, { ...CONTEXT, registrationId: newId("usr"), code: "123456" }))).toEqual({
      code: "conflict",
    });
    expect(jobs).toEqual([]);
  });
});
