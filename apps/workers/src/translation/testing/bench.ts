import type { Announcement, StoredMessage } from "@ashchat/contracts/announcements";
import { newClientId, newId, type UserId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import { QUEUES } from "@ashchat/contracts/queues";
import { rescuePending } from "@ashchat/core/conversation/rescue";
import { sendMessage } from "@ashchat/core/conversation/send-message";
import type { Caller, Clock, JobPublisher, LanguageDetector, Room } from "@ashchat/core/ports";
import { makeGroup, makePerson, must, testDatabase, type TestDatabase } from "@ashchat/db/testing";
import type { Messaging } from "@ashchat/messaging/connect";
import { messagingBench, type MessagingBench } from "@ashchat/messaging/testing";
import { connectRedis, type RedisParts } from "@ashchat/redis/connect";
import { openLive } from "@ashchat/redis/live";
import { newCorrelationId } from "@ashchat/runtime/correlation";
import { silentLogger } from "@ashchat/runtime/logger";
import { testEnv, uniqueName, waitFor } from "@ashchat/runtime/testing";
import type { Engine } from "@ashchat/translate/engine";
import { createTranslator } from "@ashchat/translate/translator";
import { createTranslationHandler } from "../handler";

/** The translation process's parts on real servers, each test with its own queues, keys and database. */
export interface TranslationBench {
  readonly database: TestDatabase;
  readonly queues: MessagingBench;
  readonly messaging: Messaging;
  readonly heard: Announcement[];
  /** Moves the engines' and the sweep's clock; breakers rest and pending work falls due by it. */
  advance(ms: number): void;
  /** A room of Ana, who reads Spanish, and one more person for each language. */
  openRoom(...languages: readonly Language[]): Promise<TestRoom>;
  startWorker(engines: readonly Engine[]): void;
  /** What a lost job leaves is offered again. */
  sweep(): Promise<number>;
  close(): Promise<void>;
}

export interface TestRoom {
  readonly room: Room;
  readonly ana: Caller;
  readonly readers: readonly Caller[];
  /** Ana says it through the use case. `lost`: its translation jobs never reach the broker. */
  say(text: string, options?: { readonly lost?: boolean }): Promise<StoredMessage>;
  read(seq: number): Promise<StoredMessage>;
  /** The message once its translation is no longer pending. */
  ended(seq: number, language: Language, revision?: number): Promise<StoredMessage>;
  deps: SendDeps;
}

type SendDeps = Parameters<typeof sendMessage>[0];
const NO_DETECTOR: LanguageDetector = { detect: () => null };
const ENDED_DEADLINE_MS = 20_000;

export async function openTranslationBench(): Promise<TranslationBench> {
  const database = await testDatabase();
  const queues = messagingBench();
  const messaging = await queues.open();
  const common = {
    url: testEnv("ASH_TEST_REDIS_URL"),
    namespace: uniqueName("test"),
    log: silentLogger(),
    metrics: queues.metrics,
  };
  const redis = await connectRedis(common);
  const live = await openLive(common);
  const heard: Announcement[] = [];
  live.onAnnouncement((announcement) => heard.push(announcement));
  // Of one installation: its workers share the cache.
  const secret = uniqueName("secret");
  let ahead = 0;
  const clock: Clock = { now: () => Date.now() + ahead };
  const { messages } = database.stores;
  const record = {
    rooms: database.stores.rooms,
    messages,
    announcer: redis.announcer,
    clock,
    newChangeId: () => newId("chg"),
  };

  return {
    database,
    queues,
    messaging,
    heard,
    advance(ms) {
      ahead += ms;
    },
    async openRoom(...languages) {
      const parts = { database, redis, messaging, clock };
      const room = await openRoom(parts, languages);
      await live.watchRoom(room.room.roomId);
      return room;
    },
    startWorker(engines) {
      const translator = createTranslator({ engines, cache: redis.cache, secret, timeoutMs: 10_000, clock });
      const handler = createTranslationHandler({ record, messages, translator, metrics: queues.metrics });
      messaging.consumeBatches(QUEUES.translation, handler);
    },
    async sweep() {
      const queueLength = () => messaging.queueLength(QUEUES.translation);
      return must(await rescuePending({ ...record, publisher: messaging.publisher, newCorrelationId, queueLength }));
    },
    async close() {
      await queues.close();
      await Promise.all([live.close(), redis.close()]);
      await database.close();
    },
  };
}

interface RoomParts {
  readonly database: TestDatabase;
  readonly redis: RedisParts;
  readonly messaging: Messaging;
  readonly clock: Clock;
}

async function openRoom(
  { database, redis, messaging, clock }: RoomParts,
  languages: readonly Language[],
): Promise<TestRoom> {
  const { stores, audience } = database;
  const people: UserId[] = [];
  for (const language of ["es", ...languages] as const) people.push((await makePerson(stores, { language })).userId);
  const { room, ownerId, memberIds } = await makeGroup(stores, people);
  const deps = {
    audience,
    writer: stores.writer,
    announcer: redis.announcer,
    publisher: messaging.publisher,
    detector: NO_DETECTOR,
    clock,
    newMessageId: () => newId("msg"),
  };
  const lostJobs: JobPublisher = { ...messaging.publisher, offer: () => undefined };
  const read = async (seq: number) => {
    const message = must(await stores.messages.find(room.roomId, seq));
    if (message === null) throw new Error(`no message ${seq}`);
    return message;
  };
  return {
    room,
    deps,
    ana: callerOf(ownerId),
    readers: memberIds.map(callerOf),
    read,
    async say(text, { lost = false } = {}) {
      const input = { roomId: room.roomId, clientId: newClientId(), text };
      const publisher = lost ? lostJobs : messaging.publisher;
      return must(await sendMessage({ ...deps, publisher }, callerOf(ownerId), input)).message;
    },
    ended: (seq, language, revision) =>
      waitFor(
        async () => {
          const message = await read(seq);
          const translation = message.translations[language];
          const isEnded = translation !== undefined && translation.status !== "pending";
          return isEnded && translation.revision === (revision ?? message.revision) ? message : null;
        },
        { deadlineMs: ENDED_DEADLINE_MS, what: `the translation of ${seq} into ${language}` },
      ),
  };
}

function callerOf(userId: UserId): Caller {
  return { userId, correlationId: newCorrelationId() };
}
