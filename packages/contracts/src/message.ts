import * as z from "zod/mini";
import { clientIdSchema, roomIdSchema, userIdSchema } from "./ids";
import { languageSchema } from "./languages";

/** A position in a room's order of messages or of changes: 1, 2, 3 … without holes; 0 = before the first. */
export const seqSchema = z.int().check(z.nonnegative(), z.lte(Number.MAX_SAFE_INTEGER));
/** Milliseconds since the epoch. */
export const timeMsSchema = z.int().check(z.nonnegative());

export const TRANSLATION_FAILURES = [
  "unsupported",
  "engine_failed",
  "placeholder_lost",
  "gave_up",
  "too_long",
] as const;
export const translationFailureSchema = z.enum(TRANSLATION_FAILURES);
export type TranslationFailure = z.infer<typeof translationFailureSchema>;

/**
 * One translation as one reader sees it. `revision` is the revision of the message that it translates: where it is
 * older than the message's, the text is stale and "Translation is updating" is shown.
 */
export const translationViewSchema = z.discriminatedUnion("status", [
  z.object({ status: z.literal("pending"), language: languageSchema, revision: z.int() }),
  z.object({
    status: z.literal("done"),
    language: languageSchema,
    revision: z.int(),
    text: z.string(),
    engine: z.string(),
    at: timeMsSchema,
  }),
  z.object({
    status: z.literal("failed"),
    language: languageSchema,
    revision: z.int(),
    reason: translationFailureSchema,
  }),
  z.object({ status: z.literal("not_needed"), language: languageSchema, revision: z.int() }),
]);
export type TranslationView = z.infer<typeof translationViewSchema>;

/** A message in its current state. Identity: (roomId, seq). A deleted one keeps its place and has `text: null`. */
export const messageViewSchema = z.object({
  roomId: roomIdSchema,
  seq: seqSchema,
  senderId: userIdSchema,
  clientId: clientIdSchema,
  sentAt: timeMsSchema,
  language: languageSchema,
  text: z.nullable(z.string()),
  /** Raised by every edit of the text. */
  revision: z.int(),
  /** Raised by every write to the message; a reducer ignores an older version. */
  version: z.int(),
  editedAt: z.nullable(timeMsSchema),
  deletedAt: z.nullable(timeMsSchema),
  /** Into the reader's language; null = none asked for yet, or none in this frame (see `message` and `change`). */
  translation: z.nullable(translationViewSchema),
});
export type MessageView = z.infer<typeof messageViewSchema>;

export const CHANGE_KINDS = ["translated", "edited", "deleted"] as const;
export const changeKindSchema = z.enum(CHANGE_KINDS);
export type ChangeKind = z.infer<typeof changeKindSchema>;

/** A reader's place in a room: the last message and the last change applied. */
export const cursorSchema = z.object({ seq: seqSchema, changeSeq: seqSchema });
export type Cursor = z.infer<typeof cursorSchema>;
