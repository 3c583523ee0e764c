import { randomBytes } from "node:crypto";
import type { UserId } from "@ashchat/contracts/ids";
import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Language } from "@ashchat/contracts/languages";
import type { Profile } from "@ashchat/core/ports";
import { makePerson, must, testDatabase } from "@ashchat/db/testing";
import { connectMessaging } from "@ashchat/messaging/connect";
import { messagingBench } from "@ashchat/messaging/testing";
import { deleteTopology, topologyOf } from "@ashchat/messaging/topology";
import { connectRedis } from "@ashchat/redis/connect";
import { parseEnv } from "@ashchat/runtime/env";
import { silentLogger } from "@ashchat/runtime/logger";
import { createMetrics } from "@ashchat/runtime/metrics";
import { webEnvSchema } from "@ashchat/runtime/processes";
import { optionalTestEnv, testEnv, uniqueName } from "@ashchat/runtime/testing";
import { sessionCookieName } from "../auth/session-token";
import { servicesOf, type Services } from "../services";
import { createTestBrowser, type TestBrowser } from "./browser";
import { route } from "./route";
import { sealSession } from "./sealed-session";

/** The web process's insides on real servers, without Next: requests go straight to the handlers of its routes. */
export interface TestHouse {
  readonly services: Services;
  /** What the other processes of this house need in their environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** How many commands have gone to the database. */
  databaseCalls(): number;
  browser(): TestBrowser;
  /** Somebody with an account and a profile, already signed in. */
  signedIn(profile?: { name?: string; language?: Language }): Promise<{ person: Profile; browser: TestBrowser }>;
  close(): Promise<void>;
}

const SECRET_BYTES = 32;

export async function openTestHouse(overrides: Readonly<Record<string, string>> = {}): Promise<TestHouse> {
  const stored = await testDatabase();
  const database = await stored.connectAgain();
  const variables = {
    NODE_ENV: "test",
    NAMESPACE: uniqueName("web"),
    PUBLIC_URL: "http://localhost:3000",
    NEXTAUTH_SECRET: randomBytes(SECRET_BYTES).toString("hex"),
    MONGODB_URL: stored.url,
    REDIS_URL: testEnv("ASH_TEST_REDIS_URL"),
    RABBITMQ_URL: testEnv("ASH_TEST_RABBITMQ_URL"),
    // For the processes that are started with these variables; what this one asks is recorded by its database.
    QUERY_RECORD_FOR_TEST: optionalTestEnv("ASH_TEST_QUERY_RECORD") ?? "",
    ...overrides,
  };
  process.env["NEXTAUTH_URL"] = variables.PUBLIC_URL;
  const env = parseEnv(webEnvSchema, variables);
  const log = silentLogger();
  const metrics = createMetrics({ process: "web", defaults: false });
  const redis = await connectRedis({ url: env.REDIS_URL, namespace: env.NAMESPACE, log, metrics });
  const messaging = await connectMessaging({ url: env.RABBITMQ_URL, namespace: env.NAMESPACE, log, metrics });
  const services = servicesOf({ env, log, metrics, crash: () => undefined }, { database, redis, messaging });
  const browser = () => createTestBrowser({ origin: env.PUBLIC_URL, send: (request) => route(services, request) });
  return {
    services,
    variables,
    databaseCalls: () => stored.guard.observedCount(),
    browser,
    signedIn: async (profile = {}) => {
      const person = await makePerson(stored.stores, profile);
      const opened = browser();
      opened.keepCookie(sessionCookieName(env), await openSession(services, person.userId));
      return { person, browser: opened };
    },
    close: async () => {
      await services.close();
      await stored.close();
      const bench = messagingBench();
      await bench.raw((channel) => deleteTopology(channel, topologyOf(env.NAMESPACE)));
      await bench.close();
    },
  };
}

async function openSession({ env, database, clock }: Services, userId: UserId): Promise<string> {
  const sessionId = newId("ses");
  const now = clock.now();
  const device = { name: "Firefox", os: "Linux" };
  const times = { createdAt: now, lastSeenAt: now, expiresAt: now + LIMITS.sessionTtlMs, revokedAt: null };
  must(await database.stores.sessions.insert({ sessionId, userId, device, ...times }));
  return sealSession({ userId, sessionId }, env.NEXTAUTH_SECRET);
}
