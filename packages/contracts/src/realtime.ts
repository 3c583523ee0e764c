import * as z from "zod/mini";
import { errorCodeSchema } from "./errors";
import { clientIdSchema, roomIdSchema, sessionIdSchema, userIdSchema } from "./ids";
import { LIMITS } from "./limits";
import { changeKindSchema, cursorSchema, messageViewSchema, seqSchema, timeMsSchema } from "./message";
import { presenceSchema, profileViewSchema } from "./room";

/**
 * The realtime protocol: JSON text frames over one WebSocket, each with its name in `t`.
 *
 * 1. The client opens the socket (its Origin is checked) and sends `auth` within LIMITS.authDeadlineMs, with a ticket
 *    that is good once and for LIMITS.ticketTtlMs. Anything else before it closes the socket.
 * 2. The server subscribes it to all its rooms and answers `ready`: rooms, heads, marks.
 * 3. The client sends `resume` with its cursors. Per room the server answers `page`s of at most
 *    LIMITS.resumePageMessages and then `caught_up`, or `resync` where the gap is over LIMITS.resumeGapMax. Until then a
 *    room that is behind has no live frames; each `page` is sent when the socket has taken the one before.
 * 4. Live: a `message` is accepted when its seq is cursor + 1; a `change` when `since` ≤ the cursor's changeSeq, which
 *    then becomes `seq`. Older ones are ignored. What lies beyond is held for a moment, then the client resumes.
 *
 * A client ignores frames that it does not know, so the server may learn new ones; a server answers an unknown frame
 * with `error{frame_malformed}` and closes after three.
 */
export const PROTOCOL_VERSION = 1;

// ── client → server ────────────────────────────────────────────────────────────────────────────────────────────────

/** The first frame: who is this? */
export const authFrameSchema = z.strictObject({
  t: z.literal("auth"),
  v: z.int(),
  ticket: z.string().check(z.minLength(20), z.maxLength(200)),
});

/** What did I miss? Rooms as pairs, so that no room id becomes an object key. */
export const resumeFrameSchema = z.strictObject({
  t: z.literal("resume"),
  cursors: z
    .array(z.strictObject({ roomId: roomIdSchema, seq: seqSchema, changeSeq: seqSchema }))
    .check(z.maxLength(LIMITS.cursorsPerResumeMax)),
});

/** Keep this message. Answered by `ack`, or by `error` with `ref` = clientId. Safe to repeat. */
export const sendFrameSchema = z.strictObject({
  t: z.literal("send"),
  roomId: roomIdSchema,
  clientId: clientIdSchema,
  text: z.string(),
});

export const typingFrameSchema = z.strictObject({ t: z.literal("typing"), roomId: roomIdSchema });

/** This device has everything up to `seq` without a hole. */
export const deliveredFrameSchema = z.strictObject({ t: z.literal("delivered"), roomId: roomIdSchema, seq: seqSchema });

/** The person has seen everything up to `seq`. */
export const readFrameSchema = z.strictObject({ t: z.literal("read"), roomId: roomIdSchema, seq: seqSchema });

/** Still there? Answered by `pong`. */
export const pingFrameSchema = z.strictObject({ t: z.literal("ping") });

export const clientFrameSchema = z.discriminatedUnion("t", [
  authFrameSchema,
  resumeFrameSchema,
  sendFrameSchema,
  typingFrameSchema,
  deliveredFrameSchema,
  readFrameSchema,
  pingFrameSchema,
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;

// ── server → client ────────────────────────────────────────────────────────────────────────────────────────────────

/** Signed in and subscribed. `rooms`: every room of the person, with its heads and the person's own marks. */
export const readyFrameSchema = z.object({
  t: z.literal("ready"),
  v: z.int(),
  userId: userIdSchema,
  sessionId: sessionIdSchema,
  serverTime: timeMsSchema,
  rooms: z.array(
    z.object({
      roomId: roomIdSchema,
      membersVersion: z.int(),
      head: seqSchema,
      changeHead: seqSchema,
      joinedSeq: seqSchema,
      deliveredSeq: seqSchema,
      readSeq: seqSchema,
    }),
  ),
  presence: z.array(presenceSchema),
  /**
   * Whose profile changed after `since`, of the person and those in their rooms. Null where that could not be read or is too
   * much; then, and for whoever was away longer, names are fetched again.
   */
  changedProfiles: z.nullish(z.object({ since: timeMsSchema, profiles: z.array(profileViewSchema) })),
});

/** A new message, original only (the same frame for every reader); the reader's translation follows as a `change`. */
export const messageFrameSchema = z.object({
  t: z.literal("message"),
  roomId: roomIdSchema,
  message: messageViewSchema,
});

/**
 * A message changed: its current state. "Everything in (since, seq] that concerns you is here or came before."
 * `message.translation` is the reader's where the change is about it, else null (= unchanged unless the revision rose).
 */
export const changeFrameSchema = z.object({
  t: z.literal("change"),
  roomId: roomIdSchema,
  since: seqSchema,
  seq: seqSchema,
  kind: changeKindSchema,
  message: messageViewSchema,
});

/** One page of a resume: every message in (from.seq, to.seq], and the current state of older ones that changed. */
export const pageFrameSchema = z.object({
  t: z.literal("page"),
  roomId: roomIdSchema,
  from: cursorSchema,
  to: cursorSchema,
  messages: z.array(messageViewSchema),
  changed: z.array(messageViewSchema),
});

/**
 * The resume of this room is complete: the device has everything up to `cursor`, which is the `to` of the last page, or
 * what was asked where there was none. A device that has not heard pages up to it asks again. Once per room and resume.
 */
export const caughtUpFrameSchema = z.object({ t: z.literal("caught_up"), roomId: roomIdSchema, cursor: cursorSchema });

/** The gap is too large: drop this room's state and fetch the newest page. */
export const resyncFrameSchema = z.object({ t: z.literal("resync"), roomId: roomIdSchema });

/** Stored durably as `seq`. */
export const ackFrameSchema = z.object({
  t: z.literal("ack"),
  roomId: roomIdSchema,
  clientId: clientIdSchema,
  seq: seqSchema,
  sentAt: timeMsSchema,
});

/**
 * Marks of members, oneself among them; they only grow. The first in a quiet room come at once, what follows within
 * LIMITS.receiptGatherMs comes together, each member with the newest marks. A member may be in several frames in a row.
 */
export const receiptsFrameSchema = z.object({
  t: z.literal("receipts"),
  roomId: roomIdSchema,
  marks: z
    .array(z.object({ userId: userIdSchema, deliveredSeq: seqSchema, readSeq: seqSchema }))
    .check(z.minLength(1), z.maxLength(LIMITS.receiptMarksMax)),
});

export const presenceFrameSchema = z.object({ t: z.literal("presence"), presence: presenceSchema });

/** Forget it after LIMITS.typingTtlMs. */
export const memberTypingFrameSchema = z.object({ t: z.literal("typing"), roomId: roomIdSchema, userId: userIdSchema });

/** The person was added or removed, or members or title changed: fetch the room again (`removed`: drop it). */
export const roomFrameSchema = z.object({
  t: z.literal("room"),
  roomId: roomIdSchema,
  event: z.enum(["added", "updated", "removed"]),
  membersVersion: z.int(),
});

/** Somebody in one's rooms (or oneself, from another device) changed name, about or language. */
export const profileFrameSchema = z.object({ t: z.literal("profile"), profile: profileViewSchema });

/** `ref`: the clientId of the send that was refused, else null. */
export const errorFrameSchema = z.object({
  t: z.literal("error"),
  code: errorCodeSchema,
  retryable: z.boolean(),
  retryAfterMs: z.nullable(z.int()),
  ref: z.nullable(clientIdSchema),
  roomId: z.nullable(roomIdSchema),
});

/** The server is going away: come back after about `afterMs`. */
export const reconnectFrameSchema = z.object({ t: z.literal("reconnect"), afterMs: z.int() });

export const pongFrameSchema = z.object({ t: z.literal("pong") });

export const serverFrameSchema = z.discriminatedUnion("t", [
  readyFrameSchema,
  messageFrameSchema,
  changeFrameSchema,
  pageFrameSchema,
  caughtUpFrameSchema,
  resyncFrameSchema,
  ackFrameSchema,
  receiptsFrameSchema,
  presenceFrameSchema,
  memberTypingFrameSchema,
  roomFrameSchema,
  profileFrameSchema,
  errorFrameSchema,
  reconnectFrameSchema,
  pongFrameSchema,
]);
export type ServerFrame = z.infer<typeof serverFrameSchema>;
export type ServerFrameOf<T extends ServerFrame["t"]> = Extract<ServerFrame, { t: T }>;
export type ReadyFrame = ServerFrameOf<"ready">;
export type ChangeFrame = ServerFrameOf<"change">;
export type PageFrame = ServerFrameOf<"page">;
export type MemberMarks = ServerFrameOf<"receipts">["marks"][number];

/** Why the server closes a socket. A client comes back after all but `signedOut` and `forbidden`. */
export const CLOSE_CODES = {
  normal: 1000,
  goingAway: 1001,
  tooLarge: 1009,
  malformed: 4400,
  /** No, late, used or foreign ticket. The client fetches a new ticket and tries again. */
  ticketRefused: 4401,
  /** The session was revoked or has expired: sign in again. */
  signedOut: 4402,
  forbidden: 4403,
  /** The send queue was full: come back and resume. */
  tooSlow: 4408,
  /** A newer connection of the same person took this one's place. */
  replaced: 4409,
  silent: 4410,
  flooded: 4429,
  overloaded: 4503,
} as const;
