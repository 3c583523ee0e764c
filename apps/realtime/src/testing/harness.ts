import { newId, type RoomId, type SessionId, type UserId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import type { AppError } from "@ashchat/contracts/errors";
import type { JobPublisher, LanguageDetector, Outcome, Profile } from "@ashchat/core/ports";
import { ok, type Result } from "@ashchat/contracts/result";
import type { Database } from "@ashchat/db/connect";
import { testDatabase, type TestDatabase } from "@ashchat/db/testing/test-database";
import { connectRedis, type RedisParts } from "@ashchat/redis/connect";
import { openLive, type Live } from "@ashchat/redis/live";
import { silentLogger } from "@ashchat/runtime/logger";
import { createMetrics } from "@ashchat/runtime/metrics";
import { testEnv, uniqueName } from "@ashchat/runtime/testing";
import type { NodeLimits } from "../limits";
import { startRealtime, type Realtime } from "../start";
import { openClient, type Client } from "./client";

/**
 * A private database and namespace on the real servers, any number of nodes over them, and people who talk through real
 * sockets. `close` ends everything that was started and drops the database.
 */
export const ORIGIN = "http://localhost:3000";

export interface Person {
  readonly userId: UserId;
  readonly sessionId: SessionId;
}

export interface Harness {
  readonly database: TestDatabase;
  readonly redis: RedisParts;
  readonly namespace: string;
  /** Announces as another process (web, a worker) would. */
  readonly elsewhere: Live;
  startNode(options?: NodeOptions): Promise<TestNode>;
  person(language?: Language): Promise<Person>;
  session(userId: UserId, ttlMs?: number): Promise<SessionId>;
  direct(one: Person, other: Person): Promise<RoomId>;
  group(owner: Person, ...others: Person[]): Promise<RoomId>;
  ticket(person: Person): Promise<string>;
  /** A socket that is signed in, subscribed and collecting frames. */
  connect(node: { port: number }, person: Person): Promise<Client>;
  close(): Promise<void>;
}

export interface NodeOptions {
  readonly limits?: Partial<NodeLimits>;
  readonly redisUrl?: string;
  readonly mongodbUrl?: string;
  readonly publisher?: JobPublisher;
}

export interface TestNode extends Realtime {
  readonly metricsText: () => Promise<string>;
  /** What this node has asked of the database about a room, as `command collection`. */
  readonly commandsAbout: (roomId: RoomId) => string[];
}

type OnCommand = NonNullable<NonNullable<Parameters<TestDatabase["connectAgain"]>[0]>["onCommand"]>;

/** Jobs are somebody else's matter here. */
export const idlePublisher: JobPublisher = { publish: async () => ok(undefined), offer: () => undefined };
/** Never sure, so that a text is in its sender's language. */
const detector: LanguageDetector = { detect: () => null };
const SEED_DEADLINE_MS = 15_000;
const HOUR_MS = 3_600_000;

export async function startHarness(): Promise<Harness> {
  const namespace = uniqueName("rt").replaceAll("_", "-");
  const redisUrl = testEnv("ASH_TEST_REDIS_URL");
  const log = silentLogger();
  const metrics = createMetrics({ process: "test", defaults: false });
  const database = await testDatabase();
  const redis = await connectRedis({ url: redisUrl, namespace, log, metrics });
  const elsewhere = await openLive({ url: redisUrl, namespace, log, metrics });
  const closers: (() => Promise<void>)[] = [];
  const clients: Client[] = [];
  const { stores } = database;

  async function person(language: Language = "en"): Promise<Person> {
    const userId = newId("usr");
    const profile: Profile = {
      userId,
      tag: `p-${userId.slice(-8)}`,
      name: "Somebody",
      about: "",
      language,
      understands: [],
      lastSeenAt: null,
    };
    await seed(() => stores.profiles.create(profile));
    return { userId, sessionId: await session(userId) };
  }

  async function session(userId: UserId, ttlMs = HOUR_MS): Promise<SessionId> {
    const sessionId = newId("ses");
    const now = Date.now();
    const device = { name: "Test", os: "Test" };
    const times = { createdAt: now, lastSeenAt: now, expiresAt: now + ttlMs, revokedAt: null };
    await seed(() => stores.sessions.insert({ sessionId, userId, device, ...times }));
    return sessionId;
  }

  async function ticket({ userId, sessionId }: Person): Promise<string> {
    return (await seed(() => redis.tickets.issueTicket({ userId, sessionId }))).ticket;
  }

  return {
    database,
    redis,
    namespace,
    elsewhere,
    person,
    session,
    ticket,
    async startNode(options = {}) {
      const asked = recordCommands(database.guard.observe);
      const node = await startTestNode({
        ...options,
        namespace,
        database: await database.connectAgain({ ...withUrl(options), onCommand: asked.onCommand }),
      });
      closers.push(node.close);
      return { ...node, commandsAbout: asked.about };
    },
    async direct(one, other) {
      return (await seed(() => stores.rooms.openDirect(one.userId, other.userId, Date.now()))).room.roomId;
    },
    async group(owner, ...others) {
      const roomId = newId("room");
      const memberIds = others.map(({ userId }) => userId);
      must(
        await stores.rooms.createGroup({ roomId, title: "Group", ownerId: owner.userId, memberIds, now: Date.now() }),
      );
      return roomId;
    },
    async connect({ port }, who) {
      const client = await openClient({ port, origin: ORIGIN });
      clients.push(client);
      client.send({ t: "auth", v: 1, ticket: await ticket(who) });
      await client.ready();
      return client;
    },
    async close() {
      for (const client of clients) client.terminate();
      for (const close of closers.toReversed()) await close();
      await elsewhere.close();
      await redis.close();
      await database.close();
    },
  };
}

function recordCommands(observe: OnCommand): { onCommand: OnCommand; about(roomId: RoomId): string[] } {
  const commands: { name: string; text: string }[] = [];
  return {
    onCommand(event) {
      observe(event);
      const { commandName, command } = event;
      commands.push({ name: `${commandName} ${command[commandName]}`, text: JSON.stringify(command) });
    },
    about: (roomId) => commands.filter(({ text }) => text.includes(roomId)).map(({ name }) => name),
  };
}

async function startTestNode(
  options: NodeOptions & { namespace: string; database: Database },
): Promise<Omit<TestNode, "commandsAbout">> {
  const { namespace, database } = options;
  const log = silentLogger();
  const metrics = createMetrics({ process: "realtime", defaults: false });
  const url = options.redisUrl ?? testEnv("ASH_TEST_REDIS_URL");
  const redis = await connectRedis({ url, namespace, log, metrics });
  const live = await openLive({ url, namespace, log, metrics });
  const realtime = await startRealtime({
    host: "127.0.0.1",
    port: 0,
    allowedOrigins: [ORIGIN],
    trustProxy: false,
    database,
    redis,
    live,
    detector,
    log,
    metrics,
    publisher: options.publisher ?? idlePublisher,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    await realtime.close();
    await live.close();
    await redis.close();
  };
  return {
    port: realtime.port,
    metricsText: async () => (await metrics.render()).body,
    close: () => (closing ??= close()),
  };
}

function withUrl({ mongodbUrl }: NodeOptions): { url?: string } {
  return mongodbUrl === undefined ? {} : { url: mongodbUrl };
}

/** Sets the scene: may be repeated, so a busy server is asked again. */
async function seed<Value>(write: () => Outcome<Value>): Promise<Value> {
  const until = Date.now() + SEED_DEADLINE_MS;
  let result = await write();
  while (!result.ok && result.error.retryable && Date.now() < until) result = await write();
  return must(result);
}

export function must<Value>(result: Result<Value, AppError>): Value {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`, { cause: result.error.cause });
  return result.value;
}
