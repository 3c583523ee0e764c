import { newId, type UserId } from "@ashchat/contracts/ids";
import type { PendingAccount } from "@ashchat/contracts/queues";
import { silentLogger } from "@ashchat/runtime/logger";
import { createMetrics, type Metrics } from "@ashchat/runtime/metrics";
import { testEnv, uniqueName } from "@ashchat/runtime/testing";
import { Redis } from "ioredis";
import { connectRedis, type ConnectOptions, type RedisParts } from "./connect";
import { openLive, type Live, type LiveOptions } from "./live";

/** A namespace of its own on a real Redis, raw access to it, and its clean-up. */
export interface RedisBench {
  readonly url: string;
  readonly namespace: string;
  readonly metrics: Metrics;
  readonly raw: Redis;
  connect(more?: Partial<ConnectOptions>): Promise<RedisParts>;
  live(more?: Partial<LiveOptions>): Promise<Live>;
  keys(): Promise<string[]>;
  close(): Promise<void>;
}

export function redisBench(url: string = testEnv("ASH_TEST_REDIS_URL")): RedisBench {
  const namespace = uniqueName("test");
  const metrics = createMetrics({ process: "test", defaults: false });
  const raw = new Redis(url);
  // It comes back by itself, and a test that cares asks it.
  raw.on("error", () => undefined);
  const opened: { close(): Promise<void> }[] = [];
  const common = { url, namespace, metrics, log: silentLogger() };
  const keys = () => raw.keys(`${namespace}:*`);
  return {
    url,
    namespace,
    metrics,
    raw,
    keys,
    connect: async (more = {}) => {
      const parts = await connectRedis({ ...common, ...more });
      opened.push(parts);
      return parts;
    },
    live: async (more = {}) => {
      const live = await openLive({ ...common, ...more });
      opened.push(live);
      return live;
    },
    close: async () => {
      await Promise.all(opened.map((part) => part.close()));
      const left = await keys();
      if (left.length > 0) await raw.unlink(...left);
      await raw.quit();
    },
  };
}

export function newUserId(): UserId {
  return newId("usr");
}

export function pendingAccount(email = "ana@example.org"): PendingAccount {
  return { email, name: "Ana", language: "es", uiLanguage: "es", passwordHash: "$argon2id$canary" };
}
