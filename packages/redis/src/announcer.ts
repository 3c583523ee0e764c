import type { Announcement } from "@ashchat/contracts/announcements";
import type { Announcer } from "@ashchat/core/ports";
import type { Metrics } from "@ashchat/runtime/metrics";
import type { Redis } from "ioredis";
import type { Key } from "./client";
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
/** Publishes without an answer; beyond, Redis is stuck and announcements are dropped. */
const UNANSWERED_MAX = 500;
/** Announcements that wait for the end of the turn. */
const GATHERED_MAX = 10_000;

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
}

export function createAnnouncer({ client, key, origin, metrics }: AnnouncerOptions): Announcer & { flush(): void } {
  const gathered = new Map<string, Announcement[]>();
  const dropped = metrics.counter("announcements_dropped_total", "Announcements that Redis did not take");
  let count = 0;
  let unanswered = 0;

  const publish = (channel: string, items: readonly Announcement[]) => {
    if (client.status !== "ready" || unanswered >= UNANSWERED_MAX) {
      dropped.inc(items.length);
      return;
    }
    unanswered += 1;
    client
      .publish(liveKey(key, channel), JSON.stringify({ from: origin, items }))
      .catch(() => dropped.inc(items.length))
      .finally(() => {
        unanswered -= 1;
      });
  };

  const flush = () => {
    for (const [channel, items] of gathered) {
      for (let from = 0; from < items.length; from += ITEMS_PER_PUBLISH_MAX) {
        publish(channel, items.slice(from, from + ITEMS_PER_PUBLISH_MAX));
      }
    }
    gathered.clear();
    count = 0;
  };

  return {
    flush,
    announce: (announcement) => {
      if (count >= GATHERED_MAX) {
        dropped.inc();
        return;
      }
      if (count === 0) setImmediate(flush);
      count += 1;
      const channel = channelOf(announcement);
      const items = gathered.get(channel);
      if (items === undefined) gathered.set(channel, [announcement]);
      else items.push(announcement);
    },
  };
}
