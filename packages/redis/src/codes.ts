import type { UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { pendingAccountSchema, type PendingAccount } from "@ashchat/contracts/queues";
import type { Outcome } from "@ashchat/core/ports";
import type { Redis } from "ioredis";
import { attempt, repliesOf, type Key } from "./client";

/**
 * Registrations that wait for their code, one hash each, gone after the time to live:
 *
 *   account       what becomes the account (JSON)
 *   sendNumber    which code is good: the newest one that was mailed
 *   tries:<n>     wrong tries of code n, and those that came after they were used up
 *
 * No code is kept: it follows from the secret, the registration and the send number. Every step is one atomic script, so
 * that a redelivered job, a lost reply and parallel guesses all count right.
 */
export interface PendingRegistration {
  readonly account: PendingAccount;
  readonly sendNumber: number;
}

export interface KeptRegistration extends PendingRegistration {
  /** How much of its time to live is left. */
  readonly leftMs: number;
}

export interface Codes {
  /**
   * Keeps the account. Repeating it changes nothing: a redelivered registration neither lowers the send number, nor gives
   * back tries, nor lengthens the time to live.
   */
  putPending(registrationId: UserId, pending: PendingRegistration, ttlMs: number): Outcome<void>;
  /** Makes code number `sendNumber` the good one if it is newer, for another `ttlMs`. Null: nothing is pending. */
  raiseSendNumber(registrationId: UserId, sendNumber: number, ttlMs: number): Outcome<KeptRegistration | null>;
  getPending(registrationId: UserId): Outcome<KeptRegistration | null>;
  /**
   * Counts one try of this code; returns the tries including this one, null: nothing is pending. A right one within
   * the limit is given back in the same step, so that right answers neither use up tries nor stand in each other's way.
   */
  countTry(registrationId: UserId, sendNumber: number, isRight: boolean): Outcome<number | null>;
}

const PUT = `
if redis.call('HSETNX', KEYS[1], 'account', ARGV[1]) == 1 then
  redis.call('HSET', KEYS[1], 'sendNumber', ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return 1`;

const RAISE = `
local current = redis.call('HGET', KEYS[1], 'sendNumber')
if not current then return 0 end
if tonumber(ARGV[1]) > tonumber(current) then
  redis.call('HSET', KEYS[1], 'sendNumber', ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 1`;

const COUNT = `
if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end
local field = 'tries:' .. ARGV[1]
local tries = redis.call('HINCRBY', KEYS[1], field, 1)
if ARGV[2] == '1' and tries <= tonumber(ARGV[3]) then redis.call('HINCRBY', KEYS[1], field, -1) end
return tries`;

export function createCodes({ client, key }: { client: Redis; key: Key }): Codes {
  const keyOf = (registrationId: UserId) => key("pending", registrationId);
  const getPending: Codes["getPending"] = (registrationId) =>
    attempt("read pending registration", async () => {
      const own = keyOf(registrationId);
      const [leftMs, account, sendNumber] = repliesOf(
        await client.pipeline().pttl(own).hget(own, "account").hget(own, "sendNumber").exec(),
      );
      return readPending(account, sendNumber, Number(leftMs));
    });
  return {
    getPending,
    putPending: (registrationId, { account, sendNumber }, ttlMs) =>
      attempt("keep pending registration", async () => {
        await client.eval(PUT, 1, keyOf(registrationId), JSON.stringify(account), sendNumber, ttlMs);
      }),
    raiseSendNumber: async (registrationId, sendNumber, ttlMs) => {
      const raised = await attempt("raise send number", () =>
        client.eval(RAISE, 1, keyOf(registrationId), sendNumber, ttlMs),
      );
      return raised.ok ? getPending(registrationId) : raised;
    },
    countTry: (registrationId, sendNumber, isRight) =>
      attempt("count try", async () => {
        const right = isRight ? 1 : 0;
        const tries = Number(
          await client.eval(COUNT, 1, keyOf(registrationId), sendNumber, right, LIMITS.codeTriesMax),
        );
        return tries < 0 ? null : tries;
      }),
  };
}

function readPending(account: unknown, sendNumber: unknown, leftMs: number): KeptRegistration | null {
  if (typeof account !== "string" || typeof sendNumber !== "string") return null;
  const value: unknown = JSON.parse(account);
  return { account: pendingAccountSchema.parse(value), sendNumber: Number(sendNumber), leftMs };
}
