import { LANGUAGES, UI_LANGUAGES } from "@ashchat/contracts/languages";
import { MEMBER_ROLES, ROOM_KINDS } from "@ashchat/contracts/room";
import { Schema, type Connection, type SchemaOptions } from "mongoose";
import type {
  MembershipDocument,
  MessageDocument,
  ProfileDocument,
  RoomDocument,
  SessionDocument,
  UserDocument,
} from "./documents";

// The migrations build the indexes, so that a process never builds one at its start; without buffering a call fails at once
// while there is no connection, instead of waiting for one.
const OPTIONS = {
  versionKey: false,
  autoIndex: false,
  autoCreate: false,
  bufferCommands: false,
  minimize: false,
  strict: "throw",
  strictQuery: true,
  id: false,
} as const satisfies SchemaOptions;

const text = { type: String, required: true } as const;
/** An empty string is a text, too; mongoose's `required` would refuse it. */
const anyText = { type: String, default: "" } as const;
const count = { type: Number, required: true } as const;
const maybeTime = { type: Number, default: null } as const;
const language = { type: String, enum: LANGUAGES, required: true } as const;
const maybeLanguage = { type: String, enum: [...LANGUAGES, null], default: null } as const;

export type Models = ReturnType<typeof defineModels>;

/** The mongoose models of one connection. */
export function defineModels(connection: Connection) {
  return {
    users: connection.model<UserDocument>("User", userSchema(), "users"),
    sessions: connection.model<SessionDocument>("Session", sessionSchema(), "sessions"),
    profiles: connection.model<ProfileDocument>("Profile", profileSchema(), "profiles"),
    rooms: connection.model<RoomDocument>("Room", roomSchema(), "rooms"),
    memberships: connection.model<MembershipDocument>("Membership", membershipSchema(), "memberships"),
    messages: connection.model<MessageDocument>("Message", messageSchema(), "messages"),
  };
}

function userSchema() {
  return new Schema<UserDocument>(
    {
      _id: text,
      email: text,
      passwordHash: text,
      uiLanguage: { type: String, enum: UI_LANGUAGES, required: true },
      pendingProfile: { type: new Schema({ name: text, language }, { _id: false }), required: false },
      pendingSince: { type: Number, required: false },
      createdAt: count,
    },
    OPTIONS,
  );
}

function sessionSchema() {
  return new Schema<SessionDocument>(
    {
      _id: text,
      userId: text,
      device: { type: new Schema({ name: anyText, os: anyText }, { _id: false }), required: true },
      createdAt: count,
      lastSeenAt: count,
      expiresAt: count,
      revokedAt: maybeTime,
    },
    OPTIONS,
  );
}

function profileSchema() {
  return new Schema<ProfileDocument>(
    {
      _id: text,
      tag: text,
      name: text,
      about: anyText,
      language,
      understands: { type: [{ type: String, enum: LANGUAGES }], default: [] },
      lastSeenAt: maybeTime,
      changedAt: { type: Number, required: false },
    },
    OPTIONS,
  );
}

function roomSchema() {
  return new Schema<RoomDocument>(
    {
      _id: text,
      kind: { type: String, enum: ROOM_KINDS, required: true },
      directKey: text,
      title: { type: String, default: null },
      membersVersion: count,
      createdAt: count,
    },
    OPTIONS,
  );
}

function membershipSchema() {
  return new Schema<MembershipDocument>(
    {
      roomId: text,
      userId: text,
      role: { type: String, enum: MEMBER_ROLES, required: true },
      joinedSeq: count,
      joinedAt: count,
      removedAt: maybeTime,
      deliveredSeq: count,
      readSeq: count,
      language: maybeLanguage,
    },
    OPTIONS,
  );
}

function messageSchema() {
  const unlogged = new Schema(
    { changeId: text, kind: text, language: maybeLanguage, by: { type: String, default: null }, at: count },
    { _id: false },
  );
  const pending = new Schema(
    { kind: text, languages: [{ type: String, enum: LANGUAGES }], tries: count },
    { _id: false },
  );
  return new Schema<MessageDocument>(
    {
      _id: text,
      roomId: text,
      seq: count,
      senderId: text,
      clientId: text,
      sentAt: count,
      language,
      text: { type: String, default: null },
      revision: count,
      version: count,
      editedAt: maybeTime,
      deletedAt: maybeTime,
      translations: { type: Schema.Types.Mixed, default: {} },
      pending: { type: pending, required: false },
      unlogged: { type: [unlogged], default: [] },
      dueAt: { type: Number, required: false },
    },
    OPTIONS,
  );
}
