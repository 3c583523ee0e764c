import { QUEUES } from "@ashchat/contracts/queues";
import { LIMITS } from "@ashchat/contracts/limits";
import { createSendAdmission, type SendAdmission } from "@ashchat/core/conversation/send-admission";
import type { CrashPoint } from "@ashchat/core/crash";
import type {
  Announcer,
  Clock,
  CodeConfirmer,
  JobPublisher,
  LanguageDetector,
  PasswordHasher,
} from "@ashchat/core/ports";
import { connectDatabase, type Database } from "@ashchat/db/connect";
import { connectMessaging, type Messaging } from "@ashchat/messaging/connect";
import { connectRedis, type RedisParts } from "@ashchat/redis/connect";
import { systemClock } from "@ashchat/runtime/clock";
import type { ReadyChecks } from "@ashchat/runtime/internal-server";
import type { Logger } from "@ashchat/runtime/logger";
import type { Metrics } from "@ashchat/runtime/metrics";
import { createDetector } from "@ashchat/translate/detect";
import { createPasswords } from "./auth/passwords";
import type { WebEnv } from "./env";
import { createGate, type Gate } from "./http/gate";

/** Everything that the procedures need of the world: connections, and core's ports made of them. */
export interface Services {
  readonly env: WebEnv;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly crash: CrashPoint;
  readonly database: Database;
  readonly redis: RedisParts;
  readonly announcer: Announcer;
  readonly publisher: JobPublisher;
  readonly admission: SendAdmission;
  /** Where requests that only read wait for each other: however many poll, changes and tickets get through. */
  readonly reads: Gate;
  readonly codes: CodeConfirmer;
  readonly detector: LanguageDetector;
  readonly passwords: PasswordHasher;
  readonly checks: ReadyChecks;
  close(): Promise<void>;
}

export interface ServicesOptions {
  readonly env: WebEnv;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly crash: CrashPoint;
}

export interface Connections {
  readonly database: Database;
  readonly redis: RedisParts;
  readonly messaging: Messaging;
}

/** Connects to everything at once. A server that is away is no failure: its calls answer `unavailable` until it comes. */
export async function openServices(options: ServicesOptions): Promise<Services> {
  const { env, log, metrics } = options;
  const detector = createDetector();
  const [database, redis, messaging] = await Promise.all([
    connectDatabase({
      url: env.MONGODB_URL,
      appName: "ashchat-web",
      timeoutMs: LIMITS.databaseTimeoutMs,
      queryRecordFile: env.QUERY_RECORD_FOR_TEST,
    }),
    connectRedis({ url: env.REDIS_URL, namespace: env.NAMESPACE, log, metrics }),
    connectMessaging({ url: env.RABBITMQ_URL, namespace: env.NAMESPACE, log, metrics, name: "ashchat-web" }),
    detector.ready(),
  ]);
  return servicesOf(options, { database, redis, messaging }, detector);
}

export function servicesOf(
  options: ServicesOptions,
  connections: Connections,
  detector: LanguageDetector = createDetector(),
): Services {
  const { database, redis, messaging } = connections;
  return {
    ...options,
    clock: systemClock,
    database,
    redis,
    announcer: redis.announcer,
    publisher: messaging.publisher,
    admission: createSendAdmission({
      limits: LIMITS,
      now: () => performance.now(),
      random: Math.random,
      afterTurn: setImmediate,
    }),
    reads: createGate({
      atOnceMax: LIMITS.readsAtOnceMax,
      waitingMax: LIMITS.readsWaitingMax,
      waitMsMax: LIMITS.readsWaitMsMax,
    }),
    codes: { confirm: (request) => messaging.request(QUEUES.confirmEmailCode, request) },
    detector,
    passwords: createPasswords(),
    checks: { mongodb: database.ready, redis: redis.ready, rabbitmq: messaging.ready },
    close: () => closeAll(connections),
  };
}

async function closeAll({ database, redis, messaging }: Connections): Promise<void> {
  await messaging.close();
  await Promise.all([database.close(), redis.close()]);
}
