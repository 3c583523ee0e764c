import type { RoomId, UserId } from "@ashchat/contracts/ids";

/** Lets one typing event per person, room and interval through, whatever the clients send. */
export interface TypingThrottle {
  mayAnnounce(userId: UserId, roomId: RoomId): boolean;
  /** Forgets what is older than the interval; called now and then. */
  tick(): void;
}

export function createTypingThrottle(options: { typingIntervalMs: number; now: () => number }): TypingThrottle {
  const announcedAt = new Map<string, number>();
  // A client that keeps to the interval must not lose every second event to a little jitter.
  const intervalMs = options.typingIntervalMs * 0.9;
  return {
    mayAnnounce(userId, roomId) {
      const key = `${userId} ${roomId}`;
      const now = options.now();
      const last = announcedAt.get(key);
      if (last !== undefined && now - last < intervalMs) return false;
      announcedAt.set(key, now);
      return true;
    },
    tick() {
      const before = options.now() - intervalMs;
      for (const [key, at] of announcedAt) if (at <= before) announcedAt.delete(key);
    },
  };
}
