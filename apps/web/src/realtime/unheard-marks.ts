import type { RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { MessageView } from "@ashchat/contracts/message";
import type { RoomState } from "@ashchat/core/sync/room-state";
import type { Clock } from "./environment";
import type { RoomStore } from "./room-store";

/**
 * Receipts are told once and kept in no log: what others marked while this device did not listen it does not know. After each
 * connection a room is fetched again, once, where that would be seen: the room is open, and somebody has not read one's own
 * newest message in it.
 */
interface UnheardMarks {
  connected(): void;
  /** The room's state changed. */
  look(state: RoomState): void;
  stop(): void;
}

interface UnheardMarksOptions {
  readonly clock: Clock;
  readonly rooms: Pick<RoomStore, "states" | "refetch">;
  isOpen(roomId: RoomId): boolean;
}

export function createUnheardMarks({ clock, rooms, isOpen }: UnheardMarksOptions): UnheardMarks {
  const unheard = new Set<RoomId>();
  let cancel = () => {};

  function look(state: RoomState): void {
    const { roomId } = state;
    if (!unheard.has(roomId) || !isOpen(roomId) || !isAwaitingReaders(state)) return;
    unheard.delete(roomId);
    void rooms.refetch(roomId);
  }

  function begin(): void {
    for (const roomId of rooms.states().keys()) unheard.add(roomId);
    for (const state of rooms.states().values()) look(state);
  }

  return {
    connected() {
      cancel();
      unheard.clear();
      // Spread, because after a restart everybody connects at once.
      cancel = clock.after(LIMITS.namesCatchUpMs * clock.random(), begin);
    },
    look,
    stop: () => cancel(),
  };
}

function isAwaitingReaders({ me, members, messages, detached }: RoomState): boolean {
  const isOwn = ({ senderId }: MessageView) => senderId === me;
  const newest = messages.findLast(isOwn) ?? detached?.findLast(isOwn);
  return newest !== undefined && members.some(({ userId, readSeq }) => userId !== me && readSeq < newest.seq);
}
