import type { StoredMessage, StoredTranslation } from "@ashchat/contracts/announcements";
import type { Language } from "@ashchat/contracts/languages";
import { LIMITS } from "@ashchat/contracts/limits";
import type { MessageStore } from "@ashchat/core/ports";
import type { mongo } from "mongoose";
import { createChangeLog } from "../change-log";
import type { ChangeDocument, MessageDocument } from "../documents";
import { attempt } from "../errors";
import { oneOf } from "../filters";
import { toStoredMessage } from "../message-document";
import type { Models } from "../models";
import { mapSideBySide } from "../portions";
import { createMessageReads } from "./message-reads";
import { createPendingWork } from "./pending-work";
import { createTranslationResults } from "./translation-results";

/** Of the driver itself: what goes out as it is written here, many in one command. */
export interface NativeCollections {
  messages(): mongo.Collection<MessageDocument>;
  changes(): mongo.Collection<ChangeDocument>;
}

/** Messages, what happens to them afterwards, and the work that is owed to them. New ones come through the room writer alone. */
export function createMessageStore(models: Models, native: NativeCollections): MessageStore {
  const { messages } = models;
  return {
    ...createMessageReads(models, native.changes),
    ...createPendingWork(models, { changeLog: createChangeLog(native.changes), collection: native.messages }),
    ...createTranslationResults(models, native.messages),

    edit: (edit) => attempt("edit message", () => editMessage(models, edit)),

    delete: ({ roomId, seq, change }) =>
      attempt("delete message", async () => {
        const deleted = await messages
          .findOneAndUpdate(
            { roomId, seq, deletedAt: null },
            {
              $set: {
                text: null,
                deletedAt: change.at,
                translations: {},
                pending: { kind: "translate", languages: [], tries: 0 },
                dueAt: change.at + LIMITS.pendingFirstDueMs,
              },
              $inc: { version: 1 },
              $push: { unlogged: change },
            },
            { returnDocument: "after" },
          )
          .lean<MessageDocument>();
        return maybeStored(deleted);
      }),

    requestTranslation: ({ roomId, seqs, language, now }) =>
      attempt("request translation", async () => {
        const found = await messages
          .find({ roomId, seq: oneOf(seqs) })
          .limit(LIMITS.translateOnViewMessagesMax)
          .lean<MessageDocument[]>();
        const wanting = found.filter((message) => isWanting(message, language));
        const requested = await mapSideBySide(wanting, LIMITS.databaseParallelReads, (message) =>
          requestOne(models, message, { language, now }),
        );
        return requested.filter((message) => message !== null);
      }),
  };
}

/** An edit that always meets a fresh translation gives up after this many; a room has fewer languages than would take. */
const EDIT_ROUNDS_MAX = 25;

/**
 * A done translation of the old text stays, marked by its older revision, until the new one replaces it. Which ones those are is
 * read first, so the write also filters on the version that was read.
 */
async function editMessage(
  { messages }: Models,
  edit: Parameters<MessageStore["edit"]>[0],
): Promise<StoredMessage | null> {
  const { roomId, seq, revision, text, language, needs, change } = edit;
  for (let round = 0; round < EDIT_ROUNDS_MAX; round += 1) {
    const read = await messages.findOne({ roomId, seq, revision, deletedAt: null }).lean<MessageDocument>();
    if (read === null) return null;
    const edited = await messages
      .findOneAndUpdate(
        { roomId, seq, revision, deletedAt: null, version: read.version },
        {
          $set: {
            text,
            language,
            editedAt: change.at,
            translations: awaiting(read, needs),
            pending: { kind: "translate", languages: [...needs], tries: 0 },
            dueAt: change.at + LIMITS.pendingFirstDueMs,
          },
          $inc: { revision: 1, version: 1 },
          $push: { unlogged: change },
        },
        { returnDocument: "after" },
      )
      .lean<MessageDocument>();
    if (edited !== null) return toStoredMessage(edited);
  }
  return null;
}

function awaiting(read: MessageDocument, needs: readonly Language[]): Partial<Record<Language, StoredTranslation>> {
  const pending = { status: "pending", revision: read.revision + 1 } as const;
  const entries = needs.map((need) => {
    const old = read.translations[need];
    return [need, old?.status === "done" ? old : pending] as const;
  });
  return Object.fromEntries(entries);
}

/** No translation, a failed one, or one of an older text. */
function isWanting(message: MessageDocument, language: Language): boolean {
  if (message.deletedAt !== null) return false;
  const translation = message.translations[language];
  return translation === undefined || translation.status === "failed" || translation.revision !== message.revision;
}

/** Null when something happened to the message since it was read: the caller sees that state and may ask again. */
async function requestOne(
  { messages }: Models,
  message: MessageDocument,
  request: { language: Language; now: number },
): Promise<StoredMessage | null> {
  const { roomId, seq, version, revision } = message;
  const requested = await messages
    .findOneAndUpdate(
      { roomId, seq, version, deletedAt: null },
      {
        $set: {
          [`translations.${request.language}`]: { status: "pending", revision },
          "pending.kind": "translate",
          "pending.tries": 0,
          dueAt: request.now + LIMITS.pendingFirstDueMs,
        },
        $inc: { version: 1 },
        $addToSet: { "pending.languages": request.language },
      },
      { returnDocument: "after" },
    )
    .lean<MessageDocument>();
  return maybeStored(requested);
}

function maybeStored(document: MessageDocument | null): StoredMessage | null {
  return document === null ? null : toStoredMessage(document);
}
