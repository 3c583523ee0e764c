import type { RoomId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Cursor, MessageView } from "@ashchat/contracts/message";
import { ok } from "@ashchat/contracts/result";
import { charsOf } from "../message-view";
import type { Caller, MembershipStore, Outcome, ProfileStore } from "../ports";
import { resumeFrom, type ResumeRoomDeps } from "./resume-room";

export interface ResumeRoomsDeps extends ResumeRoomDeps {
  memberships: Pick<MembershipStore, "listByUser">;
  profiles: Pick<ProfileStore, "find">;
}

export interface RoomPage {
  roomId: RoomId;
  from: Cursor;
  to: Cursor;
  messages: MessageView[];
  changed: MessageView[];
  more: boolean;
}

/**
 * One page for each of these rooms that has news, for a client whose socket is down. Rooms of which the caller is no member are left
 * out. Rooms are read up to LIMITS.resumeRoomsPerCall and until LIMITS.resumePageCharsMax of text are there; the others with
 * news come back as an empty page with `more`.
 */
export async function resumeRooms(
  deps: ResumeRoomsDeps,
  caller: Caller,
  cursors: readonly ({ roomId: RoomId } & Cursor)[],
): Outcome<{ pages: RoomPage[]; resync: RoomId[] }> {
  const mine = await deps.memberships.listByUser(caller.userId);
  if (!mine.ok) return mine;
  const memberships = new Map(mine.value.map((membership) => [membership.roomId, membership]));
  const asked = cursors.filter((cursor) => memberships.has(cursor.roomId)).slice(0, LIMITS.cursorsPerResumeMax);
  const heads = await deps.messages.heads(asked.map((cursor) => cursor.roomId));
  if (!heads.ok) return heads;
  const headOf = (roomId: RoomId): Cursor => heads.value.get(roomId) ?? { seq: 0, changeSeq: 0 };
  const behind = asked.filter((cursor) => {
    const head = headOf(cursor.roomId);
    return head.seq !== cursor.seq || head.changeSeq !== cursor.changeSeq;
  });
  // Most polls find nothing.
  if (behind.length === 0) return ok({ pages: [], resync: [] });
  const profile = await deps.profiles.find(caller.userId);
  if (!profile.ok) return profile;

  const pages: RoomPage[] = [];
  const resync: RoomId[] = [];
  let charsLeft: number = LIMITS.resumePageCharsMax;
  for (const { roomId, seq, changeSeq } of behind) {
    const cursor = { seq, changeSeq };
    if (pages.length >= LIMITS.resumeRoomsPerCall || charsLeft <= 0) {
      pages.push({ roomId, from: cursor, to: cursor, messages: [], changed: [], more: true });
      continue;
    }
    const membership = memberships.get(roomId);
    const language: Language | null = membership?.language ?? profile.value?.language ?? null;
    const input = { roomId, cursor, language, joinedSeq: membership?.joinedSeq ?? 0 };
    const step = await resumeFrom(deps, input, { head: headOf(roomId), charsMax: charsLeft });
    if (!step.ok) return step;
    if (step.value.kind === "resync") resync.push(roomId);
    if (step.value.kind !== "page") continue;
    const page = pageOf(roomId, step.value);
    pages.push(page);
    for (const view of [...page.messages, ...page.changed]) charsLeft -= charsOf(view);
  }
  return ok({ pages, resync });
}

function pageOf(roomId: RoomId, { from, to, messages, changed, more }: Omit<RoomPage, "roomId">): RoomPage {
  return { roomId, from, to, messages, changed, more };
}
