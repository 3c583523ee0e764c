import * as z from "zod/mini";
import { clientIdSchema, roomIdSchema, sessionIdSchema, userIdSchema } from "./ids";
import { languageSchema, uiLanguageSchema } from "./languages";
import { LIMITS } from "./limits";
import { cursorSchema, messageViewSchema, seqSchema, timeMsSchema } from "./message";
import { presenceSchema, profileViewSchema, roomViewSchema, tagSchema } from "./room";
import { emailSchema } from "./email";
import { lineSchema } from "./text";

/** Inputs and outputs of the tRPC procedures, by router and name. Inputs are strict: an unknown key is refused. */

// Bounded here, judged by core (`textProblem`), so that the refusal can say why.
const rawTextSchema = z.string().check(z.maxLength(LIMITS.messageCodePointsMax * 4));
const nameSchema = lineSchema(LIMITS.nameCodePointsMax);
const titleSchema = lineSchema(LIMITS.titleCodePointsMax);
const aboutSchema = z.string().check(z.maxLength(LIMITS.aboutCodePointsMax * 4));
const passwordSchema = z.string().check(z.minLength(LIMITS.passwordCharsMin), z.maxLength(LIMITS.passwordCharsMax));
export const codeSchema = z.string().check(z.regex(/^[0-9]{6}$/));

// ── account ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const registerInputSchema = z.strictObject({
  email: emailSchema,
  password: passwordSchema,
  name: nameSchema,
  language: languageSchema,
  uiLanguage: uiLanguageSchema,
});
export type RegisterInput = z.infer<typeof registerInputSchema>;
/** The same for known and unknown addresses. The registration id goes into an HttpOnly cookie, never into the answer. */
export const codeSentSchema = z.object({ expiresAt: timeMsSchema, resendAfterMs: z.int() });
export type CodeSent = z.infer<typeof codeSentSchema>;

export const confirmEmailInputSchema = z.strictObject({ code: codeSchema });
export const confirmEmailOutputSchema = z.object({ email: z.string() });

export const signInInputSchema = z.strictObject({
  email: emailSchema,
  password: z.string().check(z.minLength(1), z.maxLength(LIMITS.passwordCharsMax)),
});

export const meSchema = z.object({
  profile: profileViewSchema,
  email: z.string(),
  sessionId: sessionIdSchema,
  /** Languages that are never translated for this person, besides the reading language. */
  understands: z.array(languageSchema),
  uiLanguage: uiLanguageSchema,
});
export type Me = z.infer<typeof meSchema>;

export const updateProfileInputSchema = z.strictObject({
  name: z.optional(nameSchema),
  about: z.optional(aboutSchema),
  language: z.optional(languageSchema),
  understands: z.optional(z.array(languageSchema).check(z.maxLength(LIMITS.understoodLanguagesMax))),
  uiLanguage: z.optional(uiLanguageSchema),
});
export type UpdateProfileInput = z.infer<typeof updateProfileInputSchema>;

export const sessionViewSchema = z.object({
  sessionId: sessionIdSchema,
  device: z.object({ name: z.string(), os: z.string() }),
  createdAt: timeMsSchema,
  lastSeenAt: timeMsSchema,
  current: z.boolean(),
});
export type SessionView = z.infer<typeof sessionViewSchema>;
export const sessionsOutputSchema = z.object({ sessions: z.array(sessionViewSchema) });
export const revokeSessionInputSchema = z.strictObject({ sessionId: sessionIdSchema });

/** `url`: where the realtime server listens. */
export const ticketOutputSchema = z.object({ ticket: z.string(), url: z.string(), expiresAt: timeMsSchema });

// ── contact ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const findByTagInputSchema = z.strictObject({
  tag: z.pipe(
    z.pipe(
      z.string().check(z.maxLength(64)),
      z.transform((tag: string) => tag.trim().toLowerCase().replace(/^@/, "")),
    ),
    tagSchema,
  ),
});

// ── room ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export const roomInputSchema = z.strictObject({ roomId: roomIdSchema });
export const roomListOutputSchema = z.object({
  rooms: z.array(roomViewSchema),
  presence: z.array(presenceSchema),
});
export const roomOutputSchema = z.object({ room: roomViewSchema, presence: z.array(presenceSchema) });
export const openDirectInputSchema = z.strictObject({ userId: userIdSchema });
export const createGroupInputSchema = z.strictObject({
  title: titleSchema,
  userIds: z.array(userIdSchema).check(z.maxLength(LIMITS.groupMembersMax - 1)),
});
export const renameRoomInputSchema = z.strictObject({ roomId: roomIdSchema, title: titleSchema });
export const memberInputSchema = z.strictObject({ roomId: roomIdSchema, userId: userIdSchema });

// ── message ────────────────────────────────────────────────────────────────────────────────────────────────────────

export const sendMessageInputSchema = z.strictObject({
  roomId: roomIdSchema,
  clientId: clientIdSchema,
  text: rawTextSchema,
});
export const sendMessageOutputSchema = z.object({ seq: seqSchema, sentAt: timeMsSchema, message: messageViewSchema });

export const historyInputSchema = z.strictObject({
  roomId: roomIdSchema,
  /** Messages before this seq; absent = the newest page. */
  before: z.optional(seqSchema),
  /** Messages from around this seq (deep link, unread separator); not with `before`. */
  around: z.optional(seqSchema),
});
/** Sorted by seq, ascending, without holes. `cursor`: read before the messages, so resuming from it misses nothing. */
export const historyOutputSchema = z.object({
  messages: z.array(messageViewSchema),
  cursor: cursorSchema,
  hasOlder: z.boolean(),
  hasNewer: z.boolean(),
});
export type History = z.infer<typeof historyOutputSchema>;

export const resumeInputSchema = z.strictObject({
  cursors: z
    .array(z.strictObject({ roomId: roomIdSchema, seq: seqSchema, changeSeq: seqSchema }))
    .check(z.maxLength(LIMITS.cursorsPerResumeMax)),
});
/** One page per room that has news. `more`: ask again with `to`. `resync`: drop the room's state and fetch it. */
export const resumeOutputSchema = z.object({
  pages: z.array(
    z.object({
      roomId: roomIdSchema,
      from: cursorSchema,
      to: cursorSchema,
      messages: z.array(messageViewSchema),
      changed: z.array(messageViewSchema),
      more: z.boolean(),
    }),
  ),
  resync: z.array(roomIdSchema),
  /** When a realtime process began to take connections last: whoever lost theirs before need not wait to try again. */
  realtimeSince: z.nullable(timeMsSchema),
});

const messageRef = { roomId: roomIdSchema, seq: seqSchema };
/** `revision`: the one that was edited; another edit meanwhile answers `conflict`. */
export const editMessageInputSchema = z.strictObject({ ...messageRef, revision: z.int(), text: rawTextSchema });
export const deleteMessageInputSchema = z.strictObject(messageRef);
export const messageOutputSchema = z.object({ message: messageViewSchema });

/** Ask for translations into one's own language: history on view, or `failed` ones again. */
export const translateInputSchema = z.strictObject({
  roomId: roomIdSchema,
  seqs: z.array(seqSchema).check(z.minLength(1), z.maxLength(LIMITS.translateOnViewMessagesMax)),
});
export const translateOutputSchema = z.object({ messages: z.array(messageViewSchema) });

export const markInputSchema = z.strictObject({
  roomId: roomIdSchema,
  deliveredSeq: z.optional(seqSchema),
  readSeq: z.optional(seqSchema),
});
export const markOutputSchema = z.object({ deliveredSeq: seqSchema, readSeq: seqSchema });

// ── translation ────────────────────────────────────────────────────────────────────────────────────────────────────

/** What the engines of this installation said they can do. `pairs`: `from` → every `to`; empty while none answers. */
export const translationSupportSchema = z.object({
  engines: z.array(z.object({ name: z.string(), offline: z.boolean(), ready: z.boolean() })),
  pairs: z.array(z.object({ from: languageSchema, to: z.array(languageSchema) })),
  checkedAt: z.nullable(timeMsSchema),
});
export type TranslationSupport = z.infer<typeof translationSupportSchema>;
