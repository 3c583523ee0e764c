import type { Announcement } from "@ashchat/contracts/announcements";
import type { Announcer } from "@ashchat/core/ports";
import type { Metrics } from "@ashchat/runtime/metrics";
import type { Redis } from "ioredis";
import { attempt, type Key } from "./client";
import { shardOf } from "./hashes";

/**
 * Fan-out over Redis: rooms share 16 channels, everything about people and member lists goes to one house channel. What is
 * announced within one turn of the event loop travels as one message per channel: `{"from": origin, "items": […]}`. Best
 * effort: what Redis loses is found again by seq.
 */
export const ROOM_SHARDS = 16;
const HOUSE = "house";
/** A publish that large is split; a subscriber's buffer on the server has a limit. */
const ITEMS_PER_PUBLISH_MAX = 200;
/** Writes without an answer; beyond, Redis is stuck and announcements are dropped. */
const UNANSWERED_MAX = 500;
/** Announcements that wait for the end of the turn. */
const GATHERED_MAX = 10_000;
/** Between an answer and the next question: a busy node would ask in every turn of the event loop. */
const ASK_GAP_MS = 5;

export function channelOf(announcement: Announcement): string {
  switch (announcement.kind) {
    case "message":
    case "change":
    case "heads":
    case "receipt":
    case "typing":
      return roomChannel(announcement.roomId);
    case "members":
    case "session_revoked":
    case "profile":
    case "presence":
      return HOUSE;
  }
}

export function roomChannel(roomId: string): string {
  return String(shardOf(roomId, ROOM_SHARDS));
}

export function liveKey(key: Key, channel: string): string {
  return key("live", channel);
}

export const HOUSE_CHANNEL = HOUSE;

/** How every message of `origin` begins, so that its own node can tell an echo without parsing it. */
export function originPrefix(origin: string): string {
  return `{"from":${JSON.stringify(origin)},`;
}

export interface AnnouncerOptions {
  readonly client: Redis;
  readonly key: Key;
  readonly origin: string;
  readonly metrics: Metrics;
  /** Whether this process is certainly one of the channel's listeners. Without it nothing is asked before publishing. */
  readonly isOwnListener?: (channel: string) => boolean;
}

/**
 * At the end of a turn everything goes out in one write. A node asks first whether anybody but itself listens to a shard, for
 * all shards at once, one question at a time and 5 ms between two, and says nothing where nobody does; while others listen
 * it publishes at once, and the count in each answer says whether they still do.
 *
 * Nobody misses anything by that: whoever follows a room subscribes before it reads the room's head, and an announcement is made
 * after its write, so a subscription that the question does not find belongs to somebody whose read finds the write. Only where
 * Redis has lost our own subscription another's may be taken for it, until the end of that connection is noticed; then the node
 * announces again what it wrote since, as after every break.
 */
export function createAnnouncer(options: AnnouncerOptions): Announcer & { flush(): void } {
  const { client, key, origin, metrics, isOwnListener } = options;
  const dropped = metrics.counter("announcements_dropped_total", "Announcements that Redis did not take");
  let gathered: Gathered = new Map();
  /** What the question under way is about; null while there is none. What comes later needs a question of its own. */
  let asked: Gathered | null = null;
  /** Shards to which others listened when that was heard last. */
  const listened = new Set<string>();
  let count = 0;
  let unanswered = 0;
  let isScheduled = false;
  /** While it runs nothing is asked. */
  let pause: NodeJS.Timeout | null = null;

  const note = (channel: string, listeners: unknown) => {
    if (Number(listeners) > (isOwnListener?.(channel) === true ? 1 : 0)) listened.add(channel);
    else listened.delete(channel);
  };

  const publish = (batch: Gathered) => {
    const parts = portionsOf(batch);
    if (parts.length === 0) return;
    if (client.status !== "ready" || unanswered >= UNANSWERED_MAX) {
      dropped.inc(sizeOf(batch));
      return;
    }
    const pipeline = client.pipeline();
    for (const { channel, items } of parts) {
      pipeline.publish(liveKey(key, channel), JSON.stringify({ from: origin, items }));
    }
    unanswered += 1;
    pipeline
      .exec()
      .then((answers) => {
        for (const [index, { channel, items }] of parts.entries()) {
          const [error, listeners] = answers?.[index] ?? [new Error("no answer"), null];
          if (error === null) note(channel, listeners);
          else dropped.inc(items.length);
        }
      })
      .catch(() => dropped.inc(sizeOf(batch)))
      .finally(() => {
        unanswered -= 1;
      });
  };

  const ask = async (batch: Gathered) => {
    const channels = [...batch.keys()];
    asked = batch;
    const answer = await attempt("count listeners", () =>
      client.pubsub("NUMSUB", ...channels.map((channel) => liveKey(key, channel))),
    );
    asked = null;
    pause = setTimeout(() => {
      pause = null;
      endTurn();
    }, ASK_GAP_MS);
    if (answer.ok) channels.forEach((channel, index) => note(channel, answer.value[index * 2 + 1]));
    else dropped.inc(sizeOf(batch));
    count -= sizeOf(batch);
    if (answer.ok) publish(new Map([...batch].filter(([channel]) => listened.has(channel))));
    endTurn();
  };

  const endTurn = () => {
    isScheduled = false;
    const now: Gathered = new Map();
    const later: Gathered = new Map();
    for (const [channel, items] of gathered) {
      const isHeard = isOwnListener === undefined || channel === HOUSE || listened.has(channel);
      // Not before what is being asked about, so that the order stays.
      if (isHeard && asked?.has(channel) !== true) now.set(channel, items);
      else later.set(channel, items);
    }
    count -= sizeOf(now);
    publish(now);
    const mayAsk = asked === null && pause === null;
    gathered = mayAsk ? new Map() : later;
    if (mayAsk && later.size > 0) void ask(later);
  };

  return {
    /** Sends what waits, without asking. */
    flush: () => {
      publish(asked ?? new Map());
      publish(gathered);
      asked?.clear();
      gathered.clear();
      count = 0;
    },
    announce: (announcement) => {
      if (count >= GATHERED_MAX) {
        dropped.inc();
        return;
      }
      if (!isScheduled) {
        isScheduled = true;
        setImmediate(endTurn);
      }
      count += 1;
      const channel = channelOf(announcement);
      const items = gathered.get(channel);
      if (items === undefined) gathered.set(channel, [announcement]);
      else items.push(announcement);
    },
  };
}

type Gathered = Map<string, Announcement[]>;

function sizeOf(batch: Gathered): number {
  let size = 0;
  for (const items of batch.values()) size += items.length;
  return size;
}

function portionsOf(batch: Gathered): { channel: string; items: Announcement[] }[] {
  return [...batch].flatMap(([channel, items]) =>
    Array.from({ length: Math.ceil(items.length / ITEMS_PER_PUBLISH_MAX) }, (_, index) => ({
      channel,
      items: items.slice(index * ITEMS_PER_PUBLISH_MAX, (index + 1) * ITEMS_PER_PUBLISH_MAX),
    })),
  );
}
