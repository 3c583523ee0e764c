import type { StoredMessage } from "@ashchat/contracts/announcements";
import { appError, type AppError } from "@ashchat/contracts/errors";
import type { RoomId, UserId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import type { Cursor, MessageView } from "@ashchat/contracts/message";
import type { Result } from "@ashchat/contracts/result";
import { backoffMs } from "@ashchat/core/backoff";
import type { ResumeStep } from "@ashchat/core/conversation/resume";
import { viewMessage } from "@ashchat/core/message-view";
import type { Outcome } from "@ashchat/core/ports";
import type { OnError } from "./background";
import type { Connection } from "./connection";
import type { Gate } from "./gate";
import type { NodeLimits } from "./limits";
import { framesOf, type Page } from "./page-frames";
import type { Registry, Subscription } from "./registry";
import type { RingPage } from "./ring";
import type { LiveRoom } from "./rooms";

/**
 * Answers `resume`: per room pages of what the client missed, then `caught_up`.
 *
 * While a room is being resumed, its live frames are not sent to this connection (`paused`): the last page is taken from
 * the ring, that is from exactly what has been fanned out, and in the same step the pause ends. So nothing is missed and
 * nothing comes twice, however much happens meanwhile. The ring answers where it reaches back far enough, else the database.
 * A room that waits for its turn is paused as well where it is behind: its client could not place a live frame yet, and
 * would pay for it twice. So whoever comes back to more than they can read at once is fed at their own pace.
 * A ring that does not reach back far enough, as after a restart, is filled first where the gap is small (ring-loads). The room is paused
 * meanwhile, and what is fanned out goes into the ring as always.
 * One frame at a time, the next when the socket takes more. Where the database does not answer, the client is told once and
 * the resume goes on when it does.
 */
export interface ResumeDeps {
  readonly registry: Registry<ResumingConnection>;
  readonly rooms: { get(roomId: RoomId): ResumableRoom | undefined };
  readonly gate: Gate;
  readonly limits: NodeLimits;
  /** Fills the room's ring where that lets it answer this cursor; whether it does. */
  reachBack(room: ResumableRoom, cursor: Cursor): Promise<boolean>;
  readResume(input: { roomId: RoomId; cursor: Cursor; language: Language; joinedSeq: number }): Outcome<ResumeStep>;
  readonly sleep: (delayMs: number) => Promise<void>;
  readonly random: () => number;
  readonly onError: OnError;
  onResume(source: "ring" | "database" | "resync"): void;
}

/** What a resume needs of a connection. */
export type ResumingConnection = Pick<
  Connection,
  "isClosed" | "resuming" | "close" | "send" | "refuse" | "drained" | "push" | "pushEphemeral"
>;

type ResumableRoom = Pick<LiveRoom, "roomId" | "feed" | "ring">;

interface Asked {
  readonly roomId: RoomId;
  readonly cursor: Cursor;
}

type Progress = { kind: "done" } | { kind: "next"; cursor: Cursor } | { kind: "failed"; error: AppError };

const RETRY = { firstMs: 250, maxMs: 5_000 };
/** Between two looks at a room whose announcements are behind its database. */
const BEHIND_WAIT_MS = 20;

/** Takes the rooms on; a room that is asked for again while it waits gets the newer cursor. */
export function requestResume(
  deps: ResumeDeps,
  connection: ResumingConnection,
  cursors: readonly ({ roomId: RoomId } & Cursor)[],
): void {
  const isRunning = connection.resuming !== null;
  const waiting = connection.resuming ?? new Map<RoomId, Cursor>();
  connection.resuming = waiting;
  for (const { roomId, seq, changeSeq } of cursors) {
    if (!waiting.has(roomId) && waiting.size >= deps.limits.cursorsPerResumeMax) continue;
    waiting.set(roomId, { seq, changeSeq });
    pauseIfBehind(deps, connection, { roomId, cursor: { seq, changeSeq } });
  }
  if (isRunning) return;
  resumeAll(deps, connection, waiting).catch((error: unknown) => {
    deps.onError(error, "resuming");
    connection.close("overloaded");
  });
}

function pauseIfBehind(deps: ResumeDeps, connection: ResumingConnection, { roomId, cursor }: Asked): void {
  const subscription = deps.registry.subscription(connection, roomId);
  const feed = deps.rooms.get(roomId)?.feed;
  if (subscription === undefined || feed === undefined) return;
  if (isBehind(cursor, feed)) subscription.paused = true;
}

function isBehind(cursor: Cursor, fannedOut: Pick<LiveRoom["feed"], "head" | "changeHead">): boolean {
  return fannedOut.head > cursor.seq || fannedOut.changeHead > cursor.changeSeq;
}

async function resumeAll(
  deps: ResumeDeps,
  connection: ResumingConnection,
  waiting: Map<RoomId, Cursor>,
): Promise<void> {
  for (const [roomId, cursor] of waiting) {
    waiting.delete(roomId);
    await resumeOne(deps, connection, { roomId, cursor });
    if (connection.isClosed) return;
  }
  connection.resuming = null;
}

async function resumeOne(deps: ResumeDeps, connection: ResumingConnection, asked: Asked): Promise<void> {
  const { roomId } = asked;
  let { cursor } = asked;
  for (let failures = 0; !connection.isClosed;) {
    const subscription = deps.registry.subscription(connection, roomId);
    const room = deps.rooms.get(roomId);
    if (subscription === undefined || room === undefined) {
      if (subscription !== undefined) subscription.paused = false;
      connection.refuse(appError("not_found", "not a member of this room"), { roomId });
      return;
    }
    subscription.paused = true;
    const progress = await resumeStep(deps, { subscription, room, cursor });
    if (progress.kind === "done") return;
    if (progress.kind === "next") {
      cursor = progress.cursor;
      await connection.drained();
      continue;
    }
    if (failures === 0) connection.refuse(progress.error, { roomId });
    failures += 1;
    await deps.sleep(backoffMs(failures, { ...RETRY, random: deps.random }));
  }
}

interface Resuming {
  readonly subscription: Subscription<ResumingConnection>;
  readonly room: ResumableRoom;
  readonly cursor: Cursor;
}

/** One page from the ring or the database. Nothing may be awaited between the last page and the end of the pause. */
async function resumeStep(deps: ResumeDeps, resuming: Resuming): Promise<Progress> {
  const kept = resuming.room.ring.page(resuming.cursor, resuming.subscription);
  if (kept !== null) return stepFromRing(deps, resuming, kept);
  const { room, cursor } = resuming;
  if (await deps.reachBack(room, cursor)) return { kind: "next", cursor };
  return await stepFromDatabase(deps, resuming);
}

async function stepFromDatabase(deps: ResumeDeps, { subscription, room, cursor }: Resuming): Promise<Progress> {
  const { roomId, language, joinedSeq } = subscription;
  const step: Result<ResumeStep> = await deps.gate.run(() => deps.readResume({ roomId, cursor, language, joinedSeq }));
  // Removed, or added again, while the page was read: look again.
  if (deps.registry.subscription(subscription.connection, roomId) !== subscription) return { kind: "next", cursor };
  if (!step.ok) return { kind: "failed", error: step.error };
  if (step.value.kind === "page") {
    deps.onResume("database");
    return {
      kind: "next",
      cursor: await pushFrames(deps, subscription, { from: cursor, frames: framesOf(step.value) }),
    };
  }
  if (step.value.kind === "resync") {
    deps.onResume("resync");
    subscription.paused = false;
    subscription.connection.send({ t: "resync", roomId });
    return { kind: "done" };
  }
  room.feed.noteHeads(cursor);
  if (!isBehind(cursor, room.feed)) return catchUp(subscription, cursor);
  // One of the two heads is ahead of the cursor and the other behind the database: it catches up in a moment.
  if (room.feed.isBehind) await deps.sleep(BEHIND_WAIT_MS);
  return { kind: "next", cursor };
}

async function stepFromRing(
  deps: ResumeDeps,
  { subscription, room, cursor }: Resuming,
  kept: RingPage,
): Promise<Progress> {
  const isAhead = isBehind(cursor, { head: kept.to.seq, changeHead: kept.to.changeSeq });
  // Also without anything to show: `caught_up` says no more than the pages before it.
  if (isAhead) {
    deps.onResume("ring");
    const frames = framesOf({
      ...kept,
      messages: kept.messages.map((message) => viewFor(message, subscription)),
      changed: kept.changed.map((message) => viewFor(message, subscription)),
    });
    // More may be fanned out while one waits for the socket: the pause goes on.
    if (frames.length > 1)
      return { kind: "next", cursor: await pushFrames(deps, subscription, { from: cursor, frames }) };
    for (const frame of frames) pushFrame(subscription, frame);
  }
  const isLast = kept.to.seq === room.feed.head && kept.to.changeSeq === room.feed.changeHead;
  if (!isLast) return { kind: "next", cursor: kept.to };
  const done = catchUp(subscription, kept.to);
  // The next room waits as well: all rings of somebody with many rooms are more than a socket's queue takes.
  if (isAhead) await subscription.connection.drained();
  return done;
}

function catchUp(subscription: Subscription<ResumingConnection>, cursor: Cursor): Progress {
  subscription.paused = false;
  subscription.connection.send({ t: "caught_up", roomId: subscription.roomId, cursor });
  return { kind: "done" };
}

function viewFor(message: StoredMessage, { userId, language }: { userId: UserId; language: Language }): MessageView {
  return viewMessage(message, message.senderId === userId ? null : language);
}

/** Each when the socket has taken the one before it. Gives how far it came: somebody may be removed meanwhile. */
async function pushFrames(
  deps: ResumeDeps,
  subscription: Subscription<ResumingConnection>,
  { from, frames }: { from: Cursor; frames: readonly Page[] },
): Promise<Cursor> {
  const { connection, roomId } = subscription;
  let cursor = from;
  for (const [index, frame] of frames.entries()) {
    if (index > 0) await connection.drained();
    if (deps.registry.subscription(connection, roomId) !== subscription) return cursor;
    pushFrame(subscription, frame);
    cursor = frame.to;
  }
  return cursor;
}

function pushFrame({ connection, roomId, userId }: Subscription<ResumingConnection>, frame: Page): void {
  connection.send({
    t: "page",
    roomId,
    from: frame.from,
    to: frame.to,
    messages: frame.messages.map((view) => withoutOwnTranslation(view, userId)),
    changed: frame.changed.map((view) => withoutOwnTranslation(view, userId)),
  });
}

/** Authors read their originals. */
function withoutOwnTranslation(view: MessageView, userId: UserId): MessageView {
  return view.senderId === userId && view.translation !== null ? { ...view, translation: null } : view;
}
