import type { StoredChange, StoredMessage } from "@ashchat/contracts/announcements";
import type { RoomId } from "@ashchat/contracts/ids";
import type { Cursor } from "@ashchat/contracts/message";
import { ok } from "@ashchat/contracts/result";
import type { MessageStore, Outcome } from "@ashchat/core/ports";
import type { OnError } from "./background";
import type { Gate } from "./gate";
import type { Ring, RingPast, RingRows, RingSpan } from "./ring";
import { withMessages } from "./room-log";

/**
 * Fills rings from the database. After a restart all rings are empty, and everybody who comes back would read the same few rows of the
 * same rooms. The first whom a ring cannot answer has it filled, in at most three reads; whoever comes meanwhile waits for that.
 *
 * At most one load per ring is under way. Each one that is taken makes its ring longer, and by doubling, so few are needed for however many
 * readers. One that fails or is not taken is nobody's failure: those who waited for it are answered from the database.
 */
export interface RingLoadsDeps {
  readonly messages: Pick<MessageStore, "page" | "changesAfter" | "findMany">;
  readonly gate: Gate;
  readonly onError: OnError;
  onLoad(outcome: "taken" | "dropped" | "failed"): void;
}

export interface RingLoads {
  /** Whether the ring now reaches `cursor`. Never rejects. */
  reachBack(room: LoadableRoom, cursor: Cursor): Promise<boolean>;
}

interface LoadableRoom {
  readonly roomId: RoomId;
  readonly ring: Ring;
}

export function createRingLoads(deps: RingLoadsDeps): RingLoads {
  /** True where rows were taken. */
  const loads = new Map<Ring, Promise<boolean>>();

  function load(room: LoadableRoom, past: RingPast): Promise<boolean> {
    const loading = fill(deps, room, past)
      .catch((error: unknown) => {
        deps.onError(error, "filling a ring");
        return "failed" as const;
      })
      .then((outcome) => {
        loads.delete(room.ring);
        deps.onLoad(outcome);
        return outcome === "taken";
      });
    loads.set(room.ring, loading);
    return loading;
  }

  return {
    async reachBack(room, cursor) {
      const { ring } = room;
      while (!ring.reaches(cursor)) {
        const past = ring.missing(cursor);
        if (past === null) return false;
        const isTaken = await (loads.get(ring) ?? load(room, past));
        if (!isTaken) return false;
      }
      return true;
    },
  };
}

async function fill(
  { messages, gate }: RingLoadsDeps,
  { roomId, ring }: LoadableRoom,
  past: RingPast,
): Promise<"taken" | "dropped" | "failed"> {
  const rows = await gate.run(() => readRows(messages, roomId, past));
  if (!rows.ok) return "failed";
  return ring.prepend(past, rows.value) ? "taken" : "dropped";
}

async function readRows(messages: RingLoadsDeps["messages"], roomId: RoomId, past: RingPast): Outcome<RingRows> {
  const before = await readMessages(messages, roomId, past.messages);
  if (!before.ok) return before;
  const log = await readChanges(messages, roomId, past.changes);
  if (!log.ok) return log;
  const changes = await withMessages(messages, roomId, { changes: log.value, known: before.value });
  return changes.ok ? ok({ messages: before.value, changes: changes.value }) : changes;
}

async function readMessages(
  messages: RingLoadsDeps["messages"],
  roomId: RoomId,
  { after, upTo }: RingSpan,
): Outcome<StoredMessage[]> {
  if (after === upTo) return ok([]);
  return await messages.page({ roomId, after, before: upTo + 1, limit: upTo - after, newest: false });
}

async function readChanges(
  messages: RingLoadsDeps["messages"],
  roomId: RoomId,
  { after, upTo }: RingSpan,
): Outcome<StoredChange[]> {
  if (after === upTo) return ok([]);
  return await messages.changesAfter(roomId, after, upTo - after);
}
