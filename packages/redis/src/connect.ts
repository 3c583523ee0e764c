import { randomUUID } from "node:crypto";
import type { Announcer, Clock } from "@ashchat/core/ports";
import { systemClock } from "@ashchat/runtime/clock";
import type { Readiness } from "@ashchat/runtime/internal-server";
import type { Metrics } from "@ashchat/runtime/metrics";
import type { Redis } from "ioredis";
import { createAnnouncer } from "./announcer";
import { createCache, type Cache } from "./cache";
import { attempt, closeClient, createClient, keyIn, waitUntilReady, type RedisOptions } from "./client";
import type { CodeSends } from "./code-sends";
import { createCodes, type Codes } from "./codes";
import { createLastSeen, type LastSeen } from "./last-seen";
import { createLimits, type Limits } from "./limits";
import { createPresence, type PresenceStore } from "./presence";
import { createRealtimeStarts, type RealtimeStarts } from "./realtime-starts";
import { createSupport, type Support } from "./support";
import { createTickets, type Tickets } from "./tickets";

export interface ConnectOptions extends RedisOptions {
  readonly metrics: Metrics;
  readonly clock?: Clock;
}

/** Everything in Redis but the fan-out's listening side (`live`) and the schedules (`jobs`), over one connection. */
export interface RedisParts {
  readonly announcer: Announcer;
  readonly tickets: Tickets;
  readonly codes: Codes;
  readonly codeSends: CodeSends;
  readonly limits: Limits;
  readonly presence: PresenceStore;
  readonly lastSeen: LastSeen;
  readonly realtimeStarts: RealtimeStarts;
  readonly cache: Cache;
  readonly support: Support;
  ready(): Promise<Readiness>;
  close(): Promise<void>;
}

/** Resolves when Redis is there, or after a few seconds without it: then calls fail with `unavailable` until it comes. */
export async function connectRedis(options: ConnectOptions): Promise<RedisParts> {
  const { namespace, metrics, clock = systemClock } = options;
  const client = createClient(options, "commands");
  const key = keyIn(namespace);
  const announcer = createAnnouncer({ client, key, origin: randomUUID(), metrics });
  await waitUntilReady(client);
  return {
    announcer,
    tickets: createTickets({ client, key, clock }),
    codes: createCodes({ client, key }),
    ...createLimits({ client, key }),
    presence: createPresence({ client, key, clock }),
    lastSeen: createLastSeen({ client, key }),
    realtimeStarts: createRealtimeStarts({ client, key }),
    cache: createCache({ client, key }),
    support: createSupport({ client, key }),
    ready: () => readiness(client),
    close: async () => {
      announcer.flush();
      await closeClient(client);
    },
  };
}

async function readiness(client: Redis): Promise<Readiness> {
  // Redis answers `info` before the connection takes other commands.
  if (client.status !== "ready") return { ok: false, detail: "not connected" };
  const info = await attempt("info", () => client.info("server"));
  if (!info.ok) return { ok: false, detail: info.error.code };
  const version = /^redis_version:(\S+)/m.exec(info.value)?.[1] ?? "of unknown version";
  return { ok: true, detail: `Redis ${version}` };
}
