import { appError, type AppError } from "@ashchat/contracts/errors";
import type { UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import type { Outcome } from "@ashchat/core/ports";
import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { codeSendLimits, createCodeSends, type CodeSends } from "./code-sends";
import type { Key } from "./client";
import { hashOf, networkOf } from "./hashes";
import { takeAll, type Take } from "./take";

/**
 * How often something may be tried. A window begins with its first try and all processes count together; while Redis is
 * away each process counts for itself, so that limits become wider but never vanish. Nothing in a key tells who it is about.
 */
const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

const WINDOWS = {
  /** Guessing of passwords: by network, by network and account, by account (many networks). */
  signInNetwork: { points: 100, durationS: 15 * MINUTE_S },
  signInPair: { points: 10, durationS: 15 * MINUTE_S },
  signInAccount: { points: 100, durationS: HOUR_S },
  registerNetwork: { points: 60, durationS: HOUR_S },
  codeSendsHour: { points: LIMITS.codeSendsPerHour, durationS: HOUR_S },
  codeSendsDay: { points: LIMITS.codeSendsPerDay, durationS: DAY_S },
  /** Above what a large installation sees; keeps a botnet from turning us into a mail cannon. */
  codeSendsEverywhere: { points: 3_000, durationS: HOUR_S },
  resendNetwork: { points: 60, durationS: HOUR_S },
  confirmNetwork: { points: 150, durationS: HOUR_S },
  /** Each procedure of a batch counts; the client that polls as a fallback needs 12 a minute and room. */
  procedureUser: { points: 600, durationS: MINUTE_S },
  procedureNetwork: { points: 600, durationS: MINUTE_S },
  findByTag: { points: 30, durationS: MINUTE_S },
} as const satisfies Record<string, { points: number; durationS: number }>;
export type LimitName = keyof typeof WINDOWS;

/** Each answers `rate_limited` with `retryAfterMs` when it is too much. Counting happens before the work that is limited. */
export interface Limits {
  signIn(who: { ip: string; email: string }): Outcome<void>;
  /** Counts the code mail as well and begins its numbering, in the same way for known and unknown addresses. */
  register(who: { ip: string; email: string; registrationId: UserId }): Outcome<void>;
  resend(who: { ip: string }): Outcome<void>;
  confirm(who: { ip: string }): Outcome<void>;
  /** Once per procedure call, not per request; by person where signed in, else by network. */
  procedure(who: { userId: UserId } | { ip: string }): Outcome<void>;
  findByTag(who: { userId: UserId }): Outcome<void>;
}

export function createLimits({ client, key }: { client: Redis; key: Key }): { limits: Limits; codeSends: CodeSends } {
  const take = createTake(client, key);
  const codeSends = createCodeSends({ client, key, take });
  const limits: Limits = {
    signIn: ({ ip, email }) => {
      const network = networkOf(ip);
      const account = hashOf(email);
      return takeAll(take, [
        ["signInNetwork", network],
        ["signInPair", `${network}:${account}`],
        ["signInAccount", account],
      ]);
    },
    register: async ({ ip, email, registrationId }) => {
      const account = hashOf(email);
      const taken = await takeAll(take, [["registerNetwork", networkOf(ip)], ...codeSendLimits(account)]);
      return taken.ok ? codeSends.begin(registrationId, account) : taken;
    },
    resend: ({ ip }) => take("resendNetwork", networkOf(ip)),
    confirm: ({ ip }) => take("confirmNetwork", networkOf(ip)),
    procedure: (who) =>
      "userId" in who ? take("procedureUser", who.userId) : take("procedureNetwork", networkOf(who.ip)),
    findByTag: ({ userId }) => take("findByTag", userId),
  };
  return { limits, codeSends };
}

function createTake(client: Redis, key: Key): Take {
  const limiters = new Map(
    Object.entries(WINDOWS).map(([name, { points, durationS }]) => {
      const common = { keyPrefix: key("limit", name), points, duration: durationS };
      const insuranceLimiter = new RateLimiterMemory(common);
      return [
        name,
        new RateLimiterRedis({ ...common, storeClient: client, rejectIfRedisNotReady: true, insuranceLimiter }),
      ];
    }),
  );
  return async (name, subject) => {
    const limiter = limiters.get(name);
    if (limiter === undefined) throw new Error(`no limiter ${name}`);
    try {
      await limiter.consume(subject);
      return ok(undefined);
    } catch (error) {
      return refusal(name, error);
    }
  };
}

function refusal(name: LimitName, error: unknown): Result<never, AppError> {
  if (!(error instanceof RateLimiterRes)) return fail(appError("unavailable", `limit ${name}`, { cause: error }));
  return fail(appError("rate_limited", `limit ${name}`, { retryAfterMs: Math.max(1, error.msBeforeNext) }));
}
