import type { StoredMessage } from "@ashchat/contracts/announcements";
import { appError } from "@ashchat/contracts/errors";
import type { RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Cursor, MessageView } from "@ashchat/contracts/message";
import type { ServerFrame } from "@ashchat/contracts/realtime";
import { fail } from "@ashchat/contracts/result";
import { mergeMessage } from "@ashchat/core/sync/merge-message";
import { fanChange, fanMessage, Relevance } from "../fanout";
import type { Registry } from "../registry";
import type { ResumingConnection } from "../resume";
import { Ring, type RingLimits } from "../ring";
import { RoomFeed, type LoggedChange } from "../room-feed";
import { failTest } from "./factories";

export const turn = () => new Promise(setImmediate);

/** What it fans out reaches its readers and its ring. */
export function aLiveRoom(
  registry: Registry<ResumingConnection>,
  room: { roomId: RoomId; heads?: Cursor; ringLimits?: Partial<RingLimits>; ringCharsMax?: number },
) {
  const { roomId, heads = { seq: 0, changeSeq: 0 }, ringLimits = {}, ringCharsMax = 1_000_000 } = room;
  const ring = new Ring(heads, { usedChars: 0, maxChars: ringCharsMax }, { ...LIMITS, ...ringLimits });
  const relevance = new Relevance(heads.changeSeq);
  const feed = aFeed({
    onMessage(message) {
      ring.addMessage(message);
      fanMessage(registry.readersOf(roomId), message);
    },
    onChange(logged) {
      ring.addChange(logged);
      fanChange(registry.readersOf(roomId), relevance, logged);
    },
  });
  feed.start(heads, 1);
  return { roomId, feed, ring };
}

function aFeed(events: { onMessage(message: StoredMessage): void; onChange(logged: LoggedChange): void }): RoomFeed {
  const unused = async () => fail(appError("internal", "no hole here"));
  return new RoomFeed(
    {
      ...events,
      onJump: () => undefined,
      readMessages: unused,
      readChanges: unused,
      readHeads: unused,
      checkMembers: unused,
      onError: failTest,
      later: () => () => undefined,
    },
    LIMITS,
  );
}

export function aConnection(state: { isSlow: boolean }) {
  const frames: ServerFrame[] = [];
  const drains: number[] = [];
  const read = (frame: Buffer) => {
    const text = frame.toString();
    // Not "{" alone: it is the header of a frame of 123 bytes.
    frames.push(JSON.parse(text.slice(text.indexOf('{"'))));
  };
  const connection: ResumingConnection = {
    isClosed: false,
    resuming: null,
    close: () => frames.push({ t: "reconnect", afterMs: 0 }),
    push: read,
    pushEphemeral: read,
    send: (frame) => frames.push(structuredClone(frame)),
    refuse: ({ code, retryable }) =>
      frames.push({ t: "error", code, retryable, retryAfterMs: null, ref: null, roomId: null }),
    drained: async () => {
      drains.push(frames.length);
      if (state.isSlow) await turn();
    },
  };
  /** How many pages were written each time before the socket was waited for. */
  const pagesPerDrain = () =>
    [...drains, frames.length].map(
      (end, index) => frames.slice(drains[index - 1] ?? 0, end).filter((frame) => frame.t === "page").length,
    );
  return { connection, frames, pagesPerDrain };
}

/** The client's rules: what it has after these frames, where there was a hole, and what came though it had it. */
export function follow(frames: readonly ServerFrame[], from: Cursor, had: readonly MessageView[]) {
  const bySeq = new Map(had.map((view) => [view.seq, view]));
  const holes: string[] = [];
  const repeats: string[] = [];
  const keep = (view: MessageView) => {
    const known = bySeq.get(view.seq);
    bySeq.set(view.seq, known === undefined ? view : mergeMessage(known, view));
  };
  let cursor = from;
  for (const frame of frames) {
    if (frame.t === "message") {
      const { seq } = frame.message;
      if (seq > cursor.seq + 1) holes.push(`message ${seq} at ${cursor.seq}`);
      else if (seq <= cursor.seq) repeats.push(`message ${seq} at ${cursor.seq}`);
      cursor = { ...cursor, seq: Math.max(cursor.seq, seq) };
      keep(frame.message);
    } else if (frame.t === "change") {
      if (frame.since > cursor.changeSeq) holes.push(`change since ${frame.since} at ${cursor.changeSeq}`);
      else if (frame.seq <= cursor.changeSeq) repeats.push(`change ${frame.seq} at ${cursor.changeSeq}`);
      cursor = { ...cursor, changeSeq: Math.max(cursor.changeSeq, frame.seq) };
      keep(frame.message);
    } else if (frame.t === "page") {
      if (frame.from.seq !== cursor.seq) holes.push(`page from ${frame.from.seq} at ${cursor.seq}`);
      for (const view of [...frame.messages, ...frame.changed]) keep(view);
      cursor = frame.to;
    }
  }
  const views = [...bySeq.values()].map(shownOf);
  return { cursor, holes, repeats, seqs: views.map(({ seq }) => seq), views };
}

/** What somebody sees of a message. */
export function shownOf({ seq, text, revision, deletedAt, translation }: MessageView) {
  return { seq, text, revision, deletedAt, translation };
}
