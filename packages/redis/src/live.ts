import { randomUUID } from "node:crypto";
import { houseAnnouncementSchema, roomAnnouncementSchema, type Announcement } from "@ashchat/contracts/announcements";
import type { RoomId } from "@ashchat/contracts/ids";
import type { Announcer } from "@ashchat/core/ports";
import type { Metrics } from "@ashchat/runtime/metrics";
import { TimeoutError, withTimeout } from "@ashchat/runtime/timeout";
import type { Redis } from "ioredis";
import { createAnnouncer, HOUSE_CHANNEL, liveKey, originPrefix, roomChannel } from "./announcer";
import { attempt, closeClient, createClient, keyIn, waitUntilReady, type Key, type RedisOptions } from "./client";

/**
 * A node's part in the fan-out. It listens to the house channel always and to a shard while it watches a room of it.
 *
 *   broken     one of the two connections is gone or did not answer a ping; announcements may be missing from here on
 *   restored   both are there and everything is subscribed again; what is announced from here on travels
 *
 * The two alternate. Who begins to listen while it is broken hears so at once. One's own announcements do not come back.
 */
export interface LiveOptions extends RedisOptions {
  readonly metrics: Metrics;
  /** Names this process among the others; made up where missing. */
  readonly nodeId?: string;
}

export interface Live {
  readonly nodeId: string;
  readonly announcer: Announcer;
  /** Resolves when this room's announcements arrive, or at once while Redis is away: then after the next `restored`. */
  watchRoom(roomId: RoomId): Promise<void>;
  unwatchRoom(roomId: RoomId): void;
  onAnnouncement(listener: (announcement: Announcement) => void): void;
  onBroken(listener: () => void): void;
  onRestored(listener: () => void): void;
  close(): Promise<void>;
}

interface State {
  readonly key: Key;
  readonly subscriber: Redis;
  readonly publisher: Redis;
  readonly rooms: Set<RoomId>;
  /** Rooms per shard, so that the last one to go ends the subscription. */
  readonly shards: Map<string, number>;
  /** Channels that Redis counts us among the listeners of. */
  readonly confirmed: Set<string>;
  /** How often each shard was left: an older subscription's answer confirms nothing. */
  readonly departures: Map<string, number>;
  readonly listeners: Set<(announcement: Announcement) => void>;
  readonly brokenListeners: Set<() => void>;
  readonly restoredListeners: Set<() => void>;
  /** The subscribing connection has everything that is wanted. */
  subscribed: boolean;
  /** The announcing connection takes announcements. */
  publishing: boolean;
  /** Announcements travel both ways. */
  whole: boolean;
  pinging: boolean;
}

const PING_MS = 500;
const PING_TIMEOUT_MS = 1_000;
const FIRST_SUBSCRIBE_MS = 3_000;

export async function openLive(options: LiveOptions): Promise<Live> {
  const { namespace, log, metrics, nodeId = randomUUID() } = options;
  const key = keyIn(namespace);
  const publisher = createClient(options, "announcer");
  const subscriber = createClient(options, "subscriber");
  const confirmed = new Set<string>();
  const announcer = createAnnouncer({
    client: publisher,
    key,
    origin: nodeId,
    metrics,
    isOwnListener: (channel) => confirmed.has(channel),
  });
  const state: State = {
    key,
    subscriber,
    publisher,
    rooms: new Set(),
    shards: new Map(),
    confirmed,
    departures: new Map(),
    listeners: new Set(),
    brokenListeners: new Set(),
    restoredListeners: new Set(),
    subscribed: false,
    publishing: false,
    whole: false,
    pinging: false,
  };
  const malformed = metrics.counter("announcements_malformed_total", "Announcements that could not be read");
  subscriber.on("message", (_channel: string, payload: string) =>
    receive(state, { payload, nodeId, malformed: () => malformed.inc() }),
  );
  subscriber.on("ready", () => void restore(state, log));
  subscriber.on("close", () => {
    state.subscribed = false;
    state.confirmed.clear();
    update(state);
  });
  publisher.on("ready", () => {
    state.publishing = true;
    update(state);
  });
  publisher.on("close", () => {
    state.publishing = false;
    update(state);
  });
  const pings = setInterval(() => void pingOrReconnect(state), PING_MS);
  await Promise.all([waitUntilReady(publisher), untilWhole(state)]);
  return {
    nodeId,
    announcer,
    watchRoom: (roomId) => watchRoom(state, roomId),
    unwatchRoom: (roomId) => unwatchRoom(state, roomId),
    onAnnouncement: (listener) => void state.listeners.add(listener),
    onBroken: (listener) => {
      state.brokenListeners.add(listener);
      if (!state.whole) listener();
    },
    onRestored: (listener) => void state.restoredListeners.add(listener),
    close: async () => {
      clearInterval(pings);
      announcer.flush();
      state.brokenListeners.clear();
      await Promise.all([closeClient(publisher), closeClient(subscriber)]);
    },
  };
}

async function watchRoom(state: State, roomId: RoomId): Promise<void> {
  if (state.rooms.has(roomId)) return;
  state.rooms.add(roomId);
  const shard = roomChannel(roomId);
  const watched = state.shards.get(shard) ?? 0;
  state.shards.set(shard, watched + 1);
  // Asked for even when another room is about to subscribe the shard: the answers come in order, so this one comes after.
  if (state.subscribed) await subscribe(state, [shard]);
}

function unwatchRoom(state: State, roomId: RoomId): void {
  if (!state.rooms.delete(roomId)) return;
  const shard = roomChannel(roomId);
  const left = (state.shards.get(shard) ?? 1) - 1;
  if (left > 0) {
    state.shards.set(shard, left);
    return;
  }
  state.shards.delete(shard);
  state.confirmed.delete(shard);
  state.departures.set(shard, departuresFrom(state, shard) + 1);
  // A subscription that stays is only noise; the connection's end takes it away.
  if (state.subscribed) void attempt("unsubscribe", () => state.subscriber.unsubscribe(liveKey(state.key, shard)));
}

/** A subscription that fails breaks the connection, so that `broken` and `restored` tell everybody. */
async function subscribe(state: State, channels: readonly string[]): Promise<boolean> {
  const departures = channels.map((name) => departuresFrom(state, name));
  const subscribed = await attempt("subscribe", () =>
    state.subscriber.subscribe(...channels.map((name) => liveKey(state.key, name))),
  );
  if (!subscribed.ok) state.subscriber.disconnect(true);
  for (const [index, name] of subscribed.ok ? channels.entries() : []) {
    if (departures[index] === departuresFrom(state, name)) state.confirmed.add(name);
  }
  return subscribed.ok;
}

function departuresFrom(state: State, channel: string): number {
  return state.departures.get(channel) ?? 0;
}

/** Subscribes to everything that is wanted, also to what came to be wanted meanwhile. */
async function restore(state: State, log: LiveOptions["log"]): Promise<void> {
  const subscribed = new Set<string>();
  let wanted = [HOUSE_CHANNEL, ...state.shards.keys()];
  while (wanted.length > 0) {
    if (!(await subscribe(state, wanted))) return;
    for (const name of wanted) subscribed.add(name);
    wanted = [...state.shards.keys()].filter((name) => !subscribed.has(name));
  }
  state.subscribed = true;
  log.info({ channels: subscribed.size }, "live fan-out subscribed");
  update(state);
}

function update(state: State): void {
  const whole = state.subscribed && state.publishing;
  if (whole === state.whole) return;
  state.whole = whole;
  for (const listener of whole ? state.restoredListeners : state.brokenListeners) listener();
}

/**
 * A connection may be dead without an end (a stopped server, a lost network), so it must answer: revocations have two
 * seconds, and they are asked from the database only while the fan-out is known to be broken.
 */
async function pingOrReconnect(state: State): Promise<void> {
  if (!state.whole || state.pinging) return;
  state.pinging = true;
  const [subscribed, publishing] = await Promise.all([isAnswering(state.subscriber), isAnswering(state.publisher)]);
  state.pinging = false;
  // The goodbye to a server that hangs takes a while; what depends on it is told now.
  if (!subscribed) {
    state.subscribed = false;
    state.subscriber.disconnect(true);
  }
  if (!publishing) {
    state.publishing = false;
    state.publisher.disconnect(true);
  }
  update(state);
}

async function isAnswering(connection: Redis): Promise<boolean> {
  return (await attempt("ping", () => withTimeout(connection.ping(), PING_TIMEOUT_MS, "ping"))).ok;
}

async function untilWhole(state: State): Promise<void> {
  const whole = new Promise<void>((resolve) => {
    state.restoredListeners.add(resolve);
  });
  try {
    if (!state.whole) await withTimeout(whole, FIRST_SUBSCRIBE_MS, "subscribing");
  } catch (error) {
    // The node starts without: it hears `restored` when Redis comes.
    if (!(error instanceof TimeoutError)) throw error;
  } finally {
    state.restoredListeners.clear();
  }
}

function receive(
  state: State,
  { payload, nodeId, malformed }: { payload: string; nodeId: string; malformed: () => void },
): void {
  // Every second message of a busy node is its own echo: told by its first bytes, it costs no parsing.
  if (payload.startsWith(originPrefix(nodeId))) return;
  const message = parse(payload);
  if (message === null) return malformed();
  if (message.from === nodeId) return;
  for (const item of message.items) {
    if (isForOtherRoom(state, item)) continue;
    const announcement = readAnnouncement(item);
    if (announcement === null) malformed();
    else tell(state, announcement);
  }
}

function tell(state: State, announcement: Announcement): void {
  for (const listener of state.listeners) listener(announcement);
}

/** A shard carries other rooms as well; what is about one that nobody here is in need not be read any further. */
function isForOtherRoom(state: State, item: unknown): boolean {
  if (typeof item !== "object" || item === null || !("roomId" in item) || !("kind" in item)) return false;
  return (
    item.kind !== "members" && typeof item.roomId === "string" && !(state.rooms as ReadonlySet<string>).has(item.roomId)
  );
}

function readAnnouncement(item: unknown): Announcement | null {
  const room = roomAnnouncementSchema.safeParse(item);
  if (room.success) return room.data;
  const house = houseAnnouncementSchema.safeParse(item);
  return house.success ? house.data : null;
}

function parse(payload: string): { from: string; items: unknown[] } | null {
  try {
    const value: unknown = JSON.parse(payload);
    if (typeof value !== "object" || value === null || !("from" in value) || !("items" in value)) return null;
    return typeof value.from === "string" && Array.isArray(value.items)
      ? { from: value.from, items: value.items }
      : null;
  } catch {
    return null;
  }
}
