import type { Announcement } from "@ashchat/contracts/announcements";
import { newClientId, newId, type RoomId, type UserId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import { LIMITS } from "@ashchat/contracts/limits";
import { sendMessage, type SendMessageDeps } from "@ashchat/core/conversation/send-message";
import { connectDatabase } from "@ashchat/db/connect";
import { mapSideBySide } from "@ashchat/db/portions";
import { makeGroup, makePerson, must } from "@ashchat/db/testing/factories";
import { connectMessaging } from "@ashchat/messaging/connect";
import { connectRedis } from "@ashchat/redis/connect";
import { openLive } from "@ashchat/redis/live";
import { newCorrelationId } from "@ashchat/runtime/correlation";
import { createLogger } from "@ashchat/runtime/logger";
import { createMetrics } from "@ashchat/runtime/metrics";
import type { BenchOptions } from "../main";

/** Rooms on the real servers, in which messages are sent as the realtime process does it, and all that is announced. */
export interface TranslationHouse {
  /** What a worker of this house gets. */
  env: Readonly<Record<string, string>>;
  openRoom(readers: readonly Language[]): Promise<TranslationRoom>;
  close(): Promise<void>;
}

export interface TranslationRoom {
  /** Resolves when it is stored; gives when each thing about the message was heard of. */
  say(text: string): Promise<SaidMessage>;
}

export interface SaidMessage {
  /** Of the call, as `performance.now()` gives it. */
  saidAt: number;
  /** When the room heard of the message itself. */
  heardAt: Promise<number>;
  /** When the room had the translations into all its languages. */
  translatedAt: Promise<number>;
}

interface Waiting {
  languagesLeft: Set<Language>;
  heard: (at: number) => void;
  translated: (at: number) => void;
}

type Servers = Pick<BenchOptions, "mongodbUrl" | "redisUrl" | "rabbitmqUrl">;

export async function openTranslationHouse(servers: Servers): Promise<TranslationHouse> {
  const namespace = `bench-${newId("room").slice(-10)}`;
  const mongodbUrl = new URL(servers.mongodbUrl);
  mongodbUrl.pathname = `/${namespace}`;
  const own = { timeoutMs: LIMITS.databaseTimeoutMs, appName: "bench" };
  const database = await connectDatabase({ url: mongodbUrl.href, ...own });
  await database.migrate();
  const log = createLogger({ name: "bench", level: "error", pretty: false });
  const common = { namespace, log, metrics: createMetrics({ process: "bench" }) };
  const redis = await connectRedis({ url: servers.redisUrl, ...common });
  const live = await openLive({ url: servers.redisUrl, ...common });
  const messaging = await connectMessaging({ url: servers.rabbitmqUrl, ...common });
  const waiting = new Map<string, Waiting>();
  live.onAnnouncement((announcement) => hear(waiting, announcement));
  const { stores, audience } = database;
  const sending: SendMessageDeps = {
    audience,
    writer: stores.writer,
    announcer: redis.announcer,
    publisher: messaging.publisher,
    detector: { detect: () => null },
    clock: { now: () => Date.now() },
    newMessageId: () => newId("msg"),
  };
  return {
    env: {
      NODE_ENV: "test",
      LOG_LEVEL: "error",
      NAMESPACE: namespace,
      MONGODB_URL: mongodbUrl.href,
      REDIS_URL: servers.redisUrl,
      RABBITMQ_URL: servers.rabbitmqUrl,
      TRANSLATION_CACHE_SECRET: namespace.repeat(4),
    },
    async openRoom(readers) {
      const people = await mapSideBySide(
        ["en" as const, ...readers],
        LIMITS.databaseParallelReads,
        async (language) => {
          return (await makePerson(stores, { language })).userId;
        },
      );
      const { room, ownerId } = await makeGroup(stores, people);
      await live.watchRoom(room.roomId);
      return roomOf({ sending, waiting, roomId: room.roomId, userId: ownerId, languages: new Set(readers) });
    },
    async close() {
      await messaging.close();
      await Promise.all([live.close(), redis.close(), database.close()]);
    },
  };
}

interface RoomParts {
  sending: SendMessageDeps;
  waiting: Map<string, Waiting>;
  roomId: RoomId;
  userId: UserId;
  languages: ReadonlySet<Language>;
}

function roomOf({ sending, waiting, roomId, userId, languages }: RoomParts): TranslationRoom {
  return {
    async say(text) {
      const clientId = newClientId();
      const saidAt = performance.now();
      const heardAt = deferred();
      const translatedAt = deferred();
      waiting.set(clientId, {
        languagesLeft: new Set(languages),
        heard: heardAt.resolve,
        translated: translatedAt.resolve,
      });
      must(await sendMessage(sending, { userId, correlationId: newCorrelationId() }, { roomId, clientId, text }));
      return { saidAt, heardAt: heardAt.promise, translatedAt: translatedAt.promise };
    },
  };
}

function hear(waiting: ReadonlyMap<string, Waiting>, announcement: Announcement): void {
  if (announcement.kind !== "message" && announcement.kind !== "change") return;
  const one = waiting.get(announcement.message.clientId);
  if (one === undefined) return;
  if (announcement.kind === "message") return one.heard(performance.now());
  const { kind, language } = announcement.change;
  if (kind !== "translated" || language === null) return;
  if (announcement.message.translations[language]?.status !== "done") throw new Error("a translation failed");
  one.languagesLeft.delete(language);
  if (one.languagesLeft.size === 0) one.translated(performance.now());
}

function deferred(): { promise: Promise<number>; resolve: (value: number) => void } {
  let resolve: (value: number) => void = () => undefined;
  const promise = new Promise<number>((settle) => (resolve = settle));
  return { promise, resolve };
}
