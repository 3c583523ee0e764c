import * as z from "zod/mini";
import { changeIdSchema, clientIdSchema, messageIdSchema, roomIdSchema, sessionIdSchema, userIdSchema } from "./ids";
import { languageSchema } from "./languages";
import { changeKindSchema, seqSchema, timeMsSchema, translationFailureSchema } from "./message";
import { presenceSchema, profileViewSchema } from "./room";

/**
 * What the processes tell each other over Redis the moment it is durable. Redis may lose any of it: a node finds holes
 * by `seq` and reads them from the database. Room announcements go to the shard of the room, the others to all nodes.
 */
export const storedTranslationSchema = z.discriminatedUnion("status", [
  z.object({ status: z.literal("pending"), revision: z.int() }),
  z.object({ status: z.literal("done"), revision: z.int(), text: z.string(), engine: z.string(), at: timeMsSchema }),
  z.object({ status: z.literal("failed"), revision: z.int(), reason: translationFailureSchema, at: timeMsSchema }),
  z.object({ status: z.literal("not_needed"), revision: z.int() }),
]);
export type StoredTranslation = z.infer<typeof storedTranslationSchema>;

/** A message with every translation that it has: what the house keeps, not what a reader gets. */
export const storedMessageSchema = z.object({
  messageId: messageIdSchema,
  roomId: roomIdSchema,
  seq: seqSchema,
  senderId: userIdSchema,
  clientId: clientIdSchema,
  sentAt: timeMsSchema,
  language: languageSchema,
  text: z.nullable(z.string()),
  revision: z.int(),
  version: z.int(),
  editedAt: z.nullable(timeMsSchema),
  deletedAt: z.nullable(timeMsSchema),
  translations: z.partialRecord(languageSchema, storedTranslationSchema),
});
export type StoredMessage = z.infer<typeof storedMessageSchema>;

/** A change as the log of a room keeps it: a pointer to the message. `language` is set for `translated` only. */
export const storedChangeSchema = z.object({
  roomId: roomIdSchema,
  seq: seqSchema,
  changeId: changeIdSchema,
  kind: changeKindSchema,
  messageSeq: seqSchema,
  language: z.nullable(languageSchema),
  by: z.nullable(userIdSchema),
  at: timeMsSchema,
});
export type StoredChange = z.infer<typeof storedChangeSchema>;

export const roomAnnouncementSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("message"), roomId: roomIdSchema, membersVersion: z.int(), message: storedMessageSchema }),
  z.object({
    kind: z.literal("change"),
    roomId: roomIdSchema,
    membersVersion: z.int(),
    change: storedChangeSchema,
    message: storedMessageSchema,
  }),
  /** The room has come at least this far: whoever is behind reads on. */
  z.object({ kind: z.literal("heads"), roomId: roomIdSchema, head: seqSchema, changeHead: seqSchema }),
  z.object({
    kind: z.literal("receipt"),
    roomId: roomIdSchema,
    userId: userIdSchema,
    deliveredSeq: seqSchema,
    readSeq: seqSchema,
  }),
  z.object({ kind: z.literal("typing"), roomId: roomIdSchema, userId: userIdSchema }),
]);
export type RoomAnnouncement = z.infer<typeof roomAnnouncementSchema>;

export const houseAnnouncementSchema = z.discriminatedUnion("kind", [
  /** The member list or the title changed; `added` and `removed` name who came and went. */
  z.object({
    kind: z.literal("members"),
    roomId: roomIdSchema,
    membersVersion: z.int(),
    added: z.array(userIdSchema),
    removed: z.array(userIdSchema),
  }),
  z.object({ kind: z.literal("session_revoked"), userId: userIdSchema, sessionId: sessionIdSchema }),
  z.object({ kind: z.literal("profile"), profile: profileViewSchema, understands: z.array(languageSchema) }),
  z.object({ kind: z.literal("presence"), presence: presenceSchema }),
]);
export type HouseAnnouncement = z.infer<typeof houseAnnouncementSchema>;

export type Announcement = RoomAnnouncement | HouseAnnouncement;
