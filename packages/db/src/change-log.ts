import type { StoredChange } from "@ashchat/contracts/announcements";
import type { RoomId } from "@ashchat/contracts/ids";
import { ok } from "@ashchat/contracts/result";
import type { Outcome, UnloggedChange } from "@ashchat/core/ports";
import type { mongo } from "mongoose";
import { createDenseLog } from "./dense-log";
import type { ChangeDocument } from "./documents";

export interface ChangeLog {
  /** Idempotent by changeId. */
  append(roomId: RoomId, messageSeq: number, change: UnloggedChange): Outcome<StoredChange>;
}

/** The room's log of what happened to its messages; see dense-log for how its order comes about. */
export function createChangeLog(collection: () => mongo.Collection<ChangeDocument>): ChangeLog {
  const log = createDenseLog<Omit<StoredChange, "seq">, ChangeDocument>({
    label: "log change",
    collection,
    roomOf: (change) => change.roomId,
    keyOf: (change) => change.changeId,
    keyFilter: ({ changeId }) => ({ changeId }),
    toDocument: (change, seq) => ({ ...change, seq }),
  });
  return {
    async append(roomId, messageSeq, change) {
      const { changeId, kind, language, by, at } = change;
      const appended = await log.append({ roomId, messageSeq, changeId, kind, language, by, at });
      return appended.ok ? ok(toStoredChange(appended.value.stored)) : appended;
    },
  };
}

export function toStoredChange(document: ChangeDocument): StoredChange {
  const { roomId, seq, changeId, kind, messageSeq, language, by, at } = document;
  return { roomId, seq, changeId, kind, messageSeq, language, by, at };
}
