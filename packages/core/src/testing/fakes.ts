import type { Announcement, StoredMessage } from "@ashchat/contracts/announcements";
import { appError, type AppError, type ErrorCode } from "@ashchat/contracts/errors";
import { newClientId, newId, type UserId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import { fail, ok, type Result } from "@ashchat/contracts/result";
import type { AudienceMember, AudienceReader, Caller, JobPublisher, Outcome, RoomAudience, RoomStore } from "../ports";

/** Pieces for the unit tests of use cases. What stores do is tested where they are, in packages/db, on a real server. */

export const ROOM_ID = newId("room");
export const ANA = newId("usr");
export const BEN = newId("usr");
export const EVA = newId("usr");
const MESSAGE_ID = newId("msg");
const CLIENT_ID = newClientId();
export const NOW = 1_000_000;

export const clock = { now: () => NOW };

export function callerOf(userId: UserId): Caller {
  return { userId, correlationId: "correlation-1" };
}

export function failing(code: ErrorCode): Outcome<never> {
  return Promise.resolve(fail(appError(code, "test")));
}

export function answering<Value>(value: Value): Outcome<Value> {
  return Promise.resolve(ok(value));
}

/** The value of a success, or the code of the failure as `{code}`. */
export function outcomeOf<Value>(result: Result<Value, AppError>): Value | { code: ErrorCode } {
  return result.ok ? result.value : { code: result.error.code };
}

export function member(userId: UserId, language: Language, overrides: Partial<AudienceMember> = {}): AudienceMember {
  return { userId, role: "member", joinedSeq: 0, language, understands: [], ...overrides };
}

export function audienceOf(...members: AudienceMember[]): RoomAudience {
  return {
    room: { roomId: ROOM_ID, kind: "group", title: "Group", membersVersion: 7, createdAt: 1 },
    members: new Map(members.map((one) => [one.userId, one])),
  };
}

export function readerOf(audience: RoomAudience | null): AudienceReader {
  return { of: () => answering(audience) };
}

/** The room alone, for what does not ask who reads. */
export function roomsOf(audience: RoomAudience | null): Pick<RoomStore, "find" | "findMany"> {
  return {
    find: () => answering(audience?.room ?? null),
    findMany: () => answering(audience === null ? [] : [audience.room]),
  };
}

export function storedMessage(overrides: Partial<StoredMessage> = {}): StoredMessage {
  return {
    messageId: MESSAGE_ID,
    roomId: ROOM_ID,
    seq: 1,
    senderId: ANA,
    clientId: CLIENT_ID,
    sentAt: NOW,
    language: "es",
    text: "hola",
    revision: 1,
    version: 1,
    editedAt: null,
    deletedAt: null,
    translations: {},
    ...overrides,
  };
}

/** What the world was told, in order. */
export function recorder() {
  const announced: Announcement[] = [];
  const jobs: { queue: string; body: unknown }[] = [];
  const publisher: JobPublisher = {
    publish(queue, body) {
      jobs.push({ queue, body });
      return answering(undefined);
    },
    offer: (queue, body) => void jobs.push({ queue, body }),
  };
  return { announced, jobs, publisher, announcer: { announce: (one: Announcement) => void announced.push(one) } };
}
