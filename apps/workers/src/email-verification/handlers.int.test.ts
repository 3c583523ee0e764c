import { appError } from "@ashchat/contracts/errors";
import { newId, type UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { AccountCreationJob, ConfirmEmailCodeRequest } from "@ashchat/contracts/queues";
import { fail } from "@ashchat/contracts/result";
import { codeFor } from "@ashchat/core/code";
import { connectRedis, type RedisParts } from "@ashchat/redis/connect";
import { systemClock } from "@ashchat/runtime/clock";
import { createLogger, silentLogger } from "@ashchat/runtime/logger";
import { createMetrics, type Metrics } from "@ashchat/runtime/metrics";
import { testEnv } from "@ashchat/runtime/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openMailer, type Mailer } from "../mail/mailer";
import { handleAccountCreation, type AccountCreationDeps } from "./handle-account-creation";
import { handleCodeConfirmation, judgeCode } from "./handle-code-confirmation";

const CODE_SECRET = "a secret of this test, long enough";
const CORRELATION_ID = "email-verification-test";
const WRONG = "000000";

let redis: RedisParts;
let mailer: Mailer;
let deps: AccountCreationDeps & { metrics: Metrics };

beforeAll(async () => {
  const log = createLogger({ name: "test", level: "silent", pretty: false });
  const namespace = `test-${newId("room")}`;
  redis = await connectRedis({
    url: testEnv("ASH_TEST_REDIS_URL"),
    namespace,
    log,
    metrics: createMetrics({ process: "test" }),
  });
  mailer = openMailer({ smtpUrl: testEnv("ASH_TEST_SMTP_URL"), from: "AshChat <no-reply@ashchat.example>" });
  deps = {
    codes: redis.codes,
    mailer,
    codeSecret: CODE_SECRET,
    codeTtlMs: LIMITS.codeTtlMs,
    publicUrl: "http://localhost:3000",
    crash: () => undefined,
    metrics: createMetrics({ process: "email-verification", defaults: false }),
  };
});

afterAll(async () => {
  mailer.close();
  await redis.close();
});

function registration(): {
  registrationId: UserId;
  email: string;
  job: AccountCreationJob;
  code: (sendNumber?: number) => string;
} {
  const registrationId = newId("usr");
  const email = `${registrationId.replace("_", "-")}@example.org`;
  return {
    registrationId,
    email,
    job: {
      v: 1,
      type: "account.register",
      correlationId: CORRELATION_ID,
      registrationId,
      sendNumber: 1,
      account: { email, name: "Ana", language: "es", uiLanguage: "es", passwordHash: "$argon2id$hash" },
    },
    code: (sendNumber = 1) => codeFor(CODE_SECRET, { purpose: "registration", registrationId, sendNumber }),
  };
}

function question(registrationId: UserId, code: string): ConfirmEmailCodeRequest {
  const deadlineAt = Date.now() + LIMITS.rpcTimeoutMs;
  return {
    v: 1,
    type: "code.confirm",
    correlationId: CORRELATION_ID,
    registrationId,
    purpose: "registration",
    code,
    deadlineAt,
  };
}

async function answer(registrationId: UserId, code: string) {
  const judged = await judgeCode({ ...deps, codes: redis.codes, clock: systemClock }, question(registrationId, code));
  if (!judged.ok) throw new Error(judged.error.message);
  return judged.value;
}

interface ReceivedMail {
  subject: string;
  text: string;
  language?: string;
  code: string | null;
}

async function mailsTo(address: string): Promise<ReceivedMail[]> {
  const response = await fetch(`${testEnv("ASH_TEST_INBOX_URL")}/api/mails?to=${encodeURIComponent(address)}`);
  return (await response.json()) as ReceivedMail[];
}

const refuse: Mailer["send"] = async () => fail(appError("unavailable", "not now"));

describe("a registration", () => {
  it("mails a code that confirms it, as often as it is asked, with the account that was registered", async () => {
    const { registrationId, email, job, code } = registration();
    expect(await handleAccountCreation(deps, job)).toEqual({ kind: "done" });
    const [mail] = await mailsTo(email);
    expect(mail?.code).toBe(code());
    expect(mail).toMatchObject({ language: "es", text: expect.stringContaining("10 minutos") });
    for (const _ of Array.from({ length: LIMITS.codeTriesMax + 3 })) {
      expect(await answer(registrationId, code())).toMatchObject({ status: "confirmed", account: { email } });
    }
  });

  it("that is delivered twice mails the same code twice and gives no tries back", async () => {
    const { registrationId, email, job, code } = registration();
    await handleAccountCreation(deps, job);
    await answer(registrationId, WRONG);
    await handleAccountCreation(deps, job);
    const mails = await mailsTo(email);
    expect(mails.map((mail) => mail.code)).toEqual([code(), code()]);
    expect(await answer(registrationId, WRONG)).toEqual({ status: "wrong", triesLeft: LIMITS.codeTriesMax - 2 });
  });

  it("whose mail goes out at a later try promises only the time that is left of its code", async () => {
    const { email, job } = registration();
    await handleAccountCreation({ ...deps, mailer: { send: refuse }, codeTtlMs: 130_000 }, job);
    expect(await handleAccountCreation(deps, job)).toEqual({ kind: "done" });
    expect((await mailsTo(email)).map(({ text }) => /(\d+) minutos?/u.exec(text)?.[1])).toEqual(["2"]);
  });

  it("with an address that the mail server refuses for good is set aside at once, with the reason", async () => {
    const { job } = registration();
    const error = appError("invalid_input", "the SMTP server refuses the address");
    expect(await handleAccountCreation({ ...deps, mailer: { send: async () => fail(error) } }, job)).toEqual({
      kind: "poison",
      reason: "invalid_input: the SMTP server refuses the address",
    });
  });

  it("of a known address gets a mail without a code and answers guesses like any other", async () => {
    const { registrationId, email, code } = registration();
    const job: AccountCreationJob = {
      v: 1,
      type: "account.already_registered",
      correlationId: CORRELATION_ID,
      registrationId,
      email,
      uiLanguage: "en",
    };
    expect(await handleAccountCreation(deps, job)).toEqual({ kind: "done" });
    expect((await mailsTo(email)).map((mail) => mail.code)).toEqual([null]);
    expect(await answer(registrationId, code())).toEqual({ status: "wrong", triesLeft: LIMITS.codeTriesMax - 1 });
  });
});

describe("codes", () => {
  it("the fifth wrong try burns the code, and then the right one is refused as well", async () => {
    const { registrationId, job, code } = registration();
    await handleAccountCreation(deps, job);
    const statuses: string[] = [];
    for (const _ of Array.from({ length: LIMITS.codeTriesMax }))
      statuses.push((await answer(registrationId, WRONG)).status);
    expect(statuses).toEqual(["wrong", "wrong", "wrong", "wrong", "burnt"]);
    expect(await answer(registrationId, code())).toEqual({ status: "burnt" });
  });

  it("parallel guesses cannot share a try", async () => {
    const { registrationId, job } = registration();
    await handleAccountCreation(deps, job);
    const answers = await Promise.all(Array.from({ length: 50 }, () => answer(registrationId, WRONG)));
    expect(answers.filter(({ status }) => status === "wrong")).toHaveLength(LIMITS.codeTriesMax - 1);
  });

  it("right answers at the same time do not use up the tries: each is a yes", async () => {
    const { registrationId, job, code } = registration();
    await handleAccountCreation(deps, job);
    await answer(registrationId, WRONG);
    const answers = await Promise.all(Array.from({ length: 50 }, () => answer(registrationId, code())));
    expect(answers.filter(({ status }) => status === "confirmed")).toHaveLength(50);
    expect(await answer(registrationId, WRONG)).toEqual({ status: "wrong", triesLeft: LIMITS.codeTriesMax - 2 });
  });

  it("a code that was sent again replaces the one before and has its own tries", async () => {
    const { registrationId, email, job, code } = registration();
    await handleAccountCreation(deps, job);
    for (const _ of Array.from({ length: LIMITS.codeTriesMax })) await answer(registrationId, WRONG);
    await handleAccountCreation(deps, {
      v: 1,
      type: "account.resend_code",
      correlationId: CORRELATION_ID,
      registrationId,
      sendNumber: 2,
    });
    expect((await mailsTo(email))[0]?.code).toBe(code(2));
    expect((await answer(registrationId, code(1))).status).toBe("wrong");
    expect((await answer(registrationId, code(2))).status).toBe("confirmed");
  });

  it("a registration that is delivered again after a resend mails nothing: its code is void", async () => {
    const { registrationId, email, job, code } = registration();
    await handleAccountCreation(deps, job);
    await handleAccountCreation(deps, {
      v: 1,
      type: "account.resend_code",
      correlationId: CORRELATION_ID,
      registrationId,
      sendNumber: 2,
    });
    await handleAccountCreation(deps, job);
    expect((await mailsTo(email)).map((mail) => mail.code)).toEqual([code(2), code(1)]);
  });

  it("of one registration opens no other", async () => {
    const first = registration();
    const second = registration();
    await handleAccountCreation(deps, first.job);
    await handleAccountCreation(deps, second.job);
    expect((await answer(second.registrationId, first.code())).status).toBe("wrong");
  });

  it("of an unknown registration has expired, and sending it again mails nothing", async () => {
    const { registrationId, email, code } = registration();
    expect(await answer(registrationId, code())).toEqual({ status: "expired" });
    const again: AccountCreationJob = {
      v: 1,
      type: "account.resend_code",
      correlationId: CORRELATION_ID,
      registrationId,
      sendNumber: 2,
    };
    expect(await handleAccountCreation(deps, again)).toEqual({ kind: "done" });
    expect(await mailsTo(email)).toEqual([]);
  });

  it("are gone when their time is up", async () => {
    const { registrationId, job, code } = registration();
    await handleAccountCreation({ ...deps, codeTtlMs: 200 }, job);
    await expect.poll(() => answer(registrationId, code()), { timeout: 5_000 }).toEqual({ status: "expired" });
  });

  it("a question that is read too late costs no try and gets no answer", async () => {
    const { registrationId, job } = registration();
    await handleAccountCreation(deps, job);
    const late = { ...question(registrationId, WRONG), deadlineAt: Date.now() - 1 };
    expect(
      await handleCodeConfirmation({ ...deps, codes: redis.codes, clock: systemClock, log: silentLogger() }, late),
    ).toEqual({ kind: "done" });
    expect(await answer(registrationId, WRONG)).toEqual({ status: "wrong", triesLeft: LIMITS.codeTriesMax - 1 });
  });
});

it("an SMTP server that is away makes the job come again, and keeps the registration", async () => {
  const { registrationId, job, code } = registration();
  const away = openMailer({ smtpUrl: "smtp://127.0.0.1:1", from: "no-reply@ashchat.example" });
  expect(await handleAccountCreation({ ...deps, mailer: away }, job)).toMatchObject({
    kind: "retry",
    error: { code: "unavailable" },
  });
  away.close();
  expect((await answer(registrationId, code())).status).toBe("confirmed");
});
