import type { StoredMessage } from "@ashchat/contracts/announcements";
import { appError } from "@ashchat/contracts/errors";
import type { RoomId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import type { Cursor } from "@ashchat/contracts/message";
import { fail, ok } from "@ashchat/contracts/result";
import type { MessageStore, Outcome } from "@ashchat/core/ports";
import type { LoggedChange } from "../room-feed";
import { aChange, aMessage, aTranslation, someRoom } from "./factories";

/** A room's messages and its log of changes as the database keeps them, in memory. All but the heads is read as late as can be. */
export type StoredRoom = ReturnType<typeof storeRoom>;

type Reads = Pick<MessageStore, "heads" | "page" | "changesAfter" | "findMany">;

/** @param isUp is asked between a question and its answer. */
export function storeRoom(isUp: (read: keyof Reads) => Promise<boolean>) {
  const roomId: RoomId = someRoom();
  const messages: StoredMessage[] = [];
  const changes: LoggedChange[] = [];

  function log(logged: LoggedChange): LoggedChange {
    messages[logged.message.seq - 1] = logged.message;
    changes.push(logged);
    return logged;
  }

  function at(seq: number): StoredMessage {
    const message = messages[seq - 1];
    if (message === undefined) throw new Error(`no message ${seq}`);
    return message;
  }

  async function answer<Value>(read: keyof Reads, look: () => Value): Outcome<Value> {
    return (await isUp(read)) ? ok(look()) : fail(appError("unavailable", "down"));
  }

  const store: Reads = {
    heads() {
      const heads = { seq: messages.length, changeSeq: changes.length };
      // On their way back, while others write.
      return answer("heads", () => new Map([[roomId, heads]]));
    },
    page: ({ after, before, limit, newest }) =>
      answer("page", () => {
        const between = messages.slice(after, before === null ? undefined : before - 1);
        return newest ? between.slice(-limit) : between.slice(0, limit);
      }),
    changesAfter: (_roomId, after, limit) =>
      answer("changesAfter", () => changes.slice(after, after + limit).map(({ change }) => change)),
    findMany: (_roomId, seqs) => answer("findMany", () => messages.filter((message) => seqs.includes(message.seq))),
  };

  return {
    roomId,
    messages,
    changes,
    store,
    heads: (): Cursor => ({ seq: messages.length, changeSeq: changes.length }),
    say(): StoredMessage {
      const message = aMessage({ roomId, seq: messages.length + 1 });
      messages.push(message);
      return message;
    },
    translate: (seq: number, language: Language): LoggedChange =>
      log(aTranslation(at(seq), language, changes.length + 1)),
    edit(seq: number): LoggedChange {
      const old = at(seq);
      const message = { ...old, text: `${old.text} again`, revision: old.revision + 1, version: old.version + 1 };
      return log({ change: changeOf(old, { kind: "edited", language: null }), message });
    },
    delete(seq: number): LoggedChange {
      const old = at(seq);
      const message = { ...old, text: null, translations: {}, deletedAt: 3_000, version: old.version + 1 };
      return log({ change: changeOf(old, { kind: "deleted", language: null }), message });
    },
  };

  function changeOf(message: StoredMessage, fields: Pick<LoggedChange["change"], "kind" | "language">) {
    return aChange({ roomId, seq: changes.length + 1, messageSeq: message.seq, ...fields });
  }
}
