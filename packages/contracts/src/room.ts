import * as z from "zod/mini";
import { roomIdSchema, userIdSchema } from "./ids";
import { languageSchema } from "./languages";
import { messageViewSchema, seqSchema, timeMsSchema } from "./message";

export const ROOM_KINDS = ["direct", "group"] as const;
export const MEMBER_ROLES = ["owner", "member"] as const;
export const memberRoleSchema = z.enum(MEMBER_ROLES);
export type MemberRole = z.infer<typeof memberRoleSchema>;

/** Readable, unique and short enough to say aloud: `ana-4k7q`. */
export const tagSchema = z.string().check(z.regex(/^[a-z0-9]{1,20}-[a-z0-9]{4,8}$/));

/** What anybody who shares a room with a person may see of them. */
export const profileViewSchema = z.object({
  userId: userIdSchema,
  tag: tagSchema,
  name: z.string(),
  about: z.string(),
  language: languageSchema,
});
export type ProfileView = z.infer<typeof profileViewSchema>;

export const memberViewSchema = z.object({
  userId: userIdSchema,
  role: memberRoleSchema,
  name: z.string(),
  tag: tagSchema,
  language: languageSchema,
  joinedSeq: seqSchema,
  deliveredSeq: seqSchema,
  readSeq: seqSchema,
});
export type MemberView = z.infer<typeof memberViewSchema>;

/** A room as one of its members sees it. `title` is null for a direct room: its name is the other's. */
export const roomViewSchema = z.object({
  roomId: roomIdSchema,
  kind: z.enum(ROOM_KINDS),
  title: z.nullable(z.string()),
  /** Raised by every change of the member list. */
  membersVersion: z.int(),
  /** Sorted by joining; only present members. */
  members: z.array(memberViewSchema),
  head: seqSchema,
  changeHead: seqSchema,
  /** The reader's own marks; unread = head − readSeq. History begins after `joinedSeq`. */
  joinedSeq: seqSchema,
  deliveredSeq: seqSchema,
  readSeq: seqSchema,
  lastMessage: z.nullable(messageViewSchema),
  createdAt: timeMsSchema,
});
export type RoomView = z.infer<typeof roomViewSchema>;

export const presenceSchema = z.object({
  userId: userIdSchema,
  online: z.boolean(),
  lastSeenAt: z.nullable(timeMsSchema),
});
export type Presence = z.infer<typeof presenceSchema>;
