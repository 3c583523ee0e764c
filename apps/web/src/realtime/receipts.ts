import type { RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Marks } from "@ashchat/core/sync/room-state";
import { grownMarks } from "@ashchat/core/sync/room-state";
import type { Clock } from "./environment";

/**
 * Tells the server one's own marks: at most once per room and interval, only what grew, and again after a connection was
 * lost on the way.
 */
export interface Receipts {
  want(roomId: RoomId, marks: Partial<Marks>): void;
  /** What the server says it has. */
  confirm(roomId: RoomId, marks: Marks): void;
  /** A new connection: what was not confirmed is told again. */
  retell(): void;
  /** What waits for its turn is told now: the page may be closed. */
  flush(): void;
  forget(roomId: RoomId): void;
  stop(): void;
}

interface ReceiptsOptions {
  readonly clock: Clock;
  /** False: there is no way to tell it now; `retell` comes later. */
  tell(roomId: RoomId, marks: Partial<Marks>): boolean;
}

interface Room {
  readonly wanted: Marks;
  readonly told: Marks;
  readonly confirmed: Marks;
  readonly toldAt: number;
}

const NO_MARKS: Marks = { deliveredSeq: 0, readSeq: 0 };
const NEW_ROOM: Room = { wanted: NO_MARKS, told: NO_MARKS, confirmed: NO_MARKS, toldAt: 0 };

export function createReceipts({ clock, tell }: ReceiptsOptions): Receipts {
  const rooms = new Map<RoomId, Room>();
  const timers = new Map<RoomId, () => void>();

  function schedule(roomId: RoomId): void {
    const room = rooms.get(roomId);
    if (room === undefined || timers.has(roomId) || news(room) === null) return;
    const waitMs = Math.max(0, room.toldAt + LIMITS.receiptIntervalMs - clock.now());
    if (waitMs === 0) return tellNow(roomId);
    timers.set(
      roomId,
      clock.after(waitMs, () => tellNow(roomId)),
    );
  }

  function tellNow(roomId: RoomId): void {
    timers.get(roomId)?.();
    timers.delete(roomId);
    const room = rooms.get(roomId);
    const marks = room === undefined ? null : news(room);
    if (room === undefined || marks === null || !tell(roomId, marks)) return;
    rooms.set(roomId, { ...room, told: room.wanted, toldAt: clock.now() });
  }

  return {
    want(roomId, marks) {
      const room = rooms.get(roomId) ?? NEW_ROOM;
      rooms.set(roomId, { ...room, wanted: grownMarks(room.wanted, { ...NO_MARKS, ...marks }) });
      schedule(roomId);
    },
    confirm(roomId, marks) {
      const room = rooms.get(roomId) ?? NEW_ROOM;
      const confirmed = grownMarks(room.confirmed, marks);
      rooms.set(roomId, { ...room, confirmed, told: grownMarks(room.told, marks) });
    },
    retell() {
      for (const [roomId, room] of rooms) {
        rooms.set(roomId, { ...room, told: room.confirmed });
        // It may have been put off for a way on which telling is dearer.
        timers.get(roomId)?.();
        timers.delete(roomId);
        schedule(roomId);
      }
    },
    flush() {
      for (const roomId of rooms.keys()) tellNow(roomId);
    },
    forget(roomId) {
      timers.get(roomId)?.();
      timers.delete(roomId);
      rooms.delete(roomId);
    },
    stop() {
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

/** What is wanted and not told; a read mark carries the delivered mark along. */
function news({ wanted, told }: Room): Partial<Marks> | null {
  const isRead = wanted.readSeq > told.readSeq;
  const isDelivered = wanted.deliveredSeq > told.deliveredSeq && wanted.deliveredSeq > wanted.readSeq;
  if (!isRead && !isDelivered) return null;
  return {
    ...(isRead ? { readSeq: wanted.readSeq } : {}),
    ...(isDelivered ? { deliveredSeq: wanted.deliveredSeq } : {}),
  };
}
