import { appError } from "@ashchat/contracts/errors";
import type { UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok } from "@ashchat/contracts/result";
import type { CodeSends as CodeSendsPort, Outcome } from "@ashchat/core/ports";
import type { Redis } from "ioredis";
import { attempt, type Key } from "./client";
import { takeAll, type Take, type Wanted } from "./take";

/**
 * Numbers the code mails of a registration: 1 is the registration itself, then 2, 3 … no sooner than a minute apart and
 * within the limits of the address. Ids that were never seen are counted like any other, and a registration of a known
 * address like one of an unknown address, so that no answer tells whether an account exists.
 */
export interface CodeSends extends CodeSendsPort {
  /** The registration's own mail; `account` is the hash of the address. Repeating it changes nothing. */
  begin(registrationId: UserId, account: string): Outcome<void>;
}

const DAY_MS = 86_400_000;

/** Answers the number of this mail, or minus the milliseconds that are still to wait. The clock is the server's. */
const NEXT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local last = tonumber(redis.call('HGET', KEYS[1], 'at') or '0')
local wait = last + tonumber(ARGV[1]) - now
if wait > 0 then return -wait end
redis.call('HSETNX', KEYS[1], 'number', 1)
redis.call('HSET', KEYS[1], 'at', now)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('HINCRBY', KEYS[1], 'number', 1)`;

const BEGIN = `
local time = redis.call('TIME')
if redis.call('HSETNX', KEYS[1], 'number', 1) == 1 then
  redis.call('HSET', KEYS[1], 'at', time[1] * 1000 + math.floor(time[2] / 1000), 'account', ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 1`;

export function createCodeSends({ client, key, take }: { client: Redis; key: Key; take: Take }): CodeSends {
  const keyOf = (registrationId: UserId) => key("sends", registrationId);
  return {
    begin: (registrationId, account) =>
      attempt("begin code sends", async () => {
        await client.eval(BEGIN, 1, keyOf(registrationId), account, DAY_MS);
      }),
    next: async (registrationId) => {
      const account = await attempt("read code sends", () => client.hget(keyOf(registrationId), "account"));
      if (!account.ok) return account;
      const counted = await attempt("next code send", async () =>
        Number(await client.eval(NEXT, 1, keyOf(registrationId), LIMITS.codeResendAfterMs, DAY_MS)),
      );
      if (!counted.ok) return counted;
      if (counted.value < 0) return fail(appError("resend_too_soon", "resend", { retryAfterMs: -counted.value }));
      const taken = await takeAll(take, codeSendLimits(account.value ?? registrationId));
      return taken.ok ? ok(counted.value) : taken;
    },
  };
}

/** What every code mail counts against. The ceiling comes last: what one address may not have uses up nobody else's. */
export function codeSendLimits(account: string): readonly Wanted[] {
  return [
    ["codeSendsHour", account],
    ["codeSendsDay", account],
    ["codeSendsEverywhere", "all"],
  ];
}
