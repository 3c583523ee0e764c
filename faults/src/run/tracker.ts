import type { ClientId, RoomId, UserId } from "@ashchat/contracts/ids";
import type { MessageView } from "@ashchat/contracts/message";
import { clientFrameSchema, serverFrameSchema } from "@ashchat/contracts/realtime";
import type { ClientState, Conversation } from "@ashchat/web/realtime/client";
import type { DeviceName, HistoryRecord, LookFact, VisibleFact } from "../history";

/**
 * Writes down what one device sends, is answered and shows. What is shown is read from the client's own snapshots, as a
 * screen would; what is asked and answered from the frames at its border.
 */
export interface Tracker {
  sent(roomId: RoomId, clientId: ClientId, text: string): void;
  acknowledged(clientId: ClientId, seq: number): void;
  failed(clientId: ClientId): void;
  /** The person edits or deletes (`text` null) an own message; whoever asks says how it ended. */
  changing(message: MessageView, text: string | null): (result: "ok" | "fail" | "info") => void;
  /** The server told the device to begin again with the newest page: a jump is right now. */
  mayJump(roomId: RoomId): void;
  look(state: ClientState): void;
  /** One per connection. `onClosed` may be called more than once. */
  listen(): { onSent(text: string): void; onHeard(text: string): void; onClosed(): void };
  /** Rooms whose last question on the present socket has no answer yet. */
  unanswered(): number;
  shownSeq(roomId: RoomId): number;
  /** Everything that was ever shown, by seq, as it was shown first. */
  shownFirst(roomId: RoomId): ReadonlyMap<number, VisibleFact>;
  /** The person looked at these again, far from the end. */
  scrolled(roomId: RoomId, messages: readonly MessageView[]): void;
  /** Sent and neither acknowledged nor failed. */
  open(): number;
}

interface RoomTrack {
  shownSeq: number;
  first: Map<number, VisibleFact>;
  /** The present state of every message in view, as it was drawn last. */
  drawn: Map<number, MessageView>;
  last: Conversation | null;
  isJumpRight: boolean;
}

export function visibleFact(message: MessageView): VisibleFact {
  const { seq, clientId, text, revision, translation } = message;
  const shown = translation?.status === "done" ? translation.text : (translation?.status ?? null);
  return { seq, clientId, text, revision, translation: shown, translationOf: translation?.revision ?? null };
}

function lookOf(message: MessageView): LookFact {
  const { roomId, seq, clientId, text, revision, translation } = message;
  return { roomId, seq, clientId, text, revision, translation: finished(translation) };
}

function finished(translation: MessageView["translation"]): LookFact["translation"] {
  if (translation?.status !== "done") return null;
  const { language, revision, text } = translation;
  return { language, revision, text };
}

/** Whether a person could see the difference. */
function looksAlike(before: MessageView, after: MessageView): boolean {
  const [one, other] = [finished(before.translation), finished(after.translation)];
  const isSameText = before.text === after.text && before.revision === after.revision;
  return isSameText && one?.text === other?.text && one?.revision === other?.revision;
}

export function createTracker(options: {
  device: DeviceName;
  userId: UserId;
  records: HistoryRecord[];
  now: () => number;
}): Tracker {
  const { device, userId, records, now } = options;
  const rooms = new Map<RoomId, RoomTrack>();
  const sends = new Map<ClientId, { roomId: RoomId; text: string; isOpen: boolean }>();
  let sockets = 0;
  /** Of the newest socket. */
  let waiting = new Set<RoomId>();
  let open = 0;

  function trackOf(roomId: RoomId): RoomTrack {
    const known = rooms.get(roomId) ?? {
      shownSeq: 0,
      first: new Map(),
      drawn: new Map(),
      last: null,
      isJumpRight: false,
    };
    rooms.set(roomId, known);
    return known;
  }

  function conclude(clientId: ClientId, result: "ok" | "fail", seq: number | null): void {
    const send = sends.get(clientId);
    if (send === undefined) return; // an answer to nothing that this device sent
    const { roomId, text } = send;
    records.push({ kind: "send", t: now(), device, userId, roomId, clientId, text, result, seq });
    if (send.isOpen) open -= 1;
    send.isOpen = false;
  }

  function show(conversation: Conversation): void {
    const { roomId, messages, hasNewer } = conversation;
    const track = trackOf(roomId);
    if (track.last === conversation || hasNewer) return;
    track.last = conversation;
    redraw(track, messages);
    const fresh = newerThan(messages, track.shownSeq);
    const [first] = fresh;
    if (first !== undefined && first.seq !== track.shownSeq + 1 && track.isJumpRight) {
      records.push({ kind: "jump", t: now(), device, roomId, seq: first.seq - 1 });
      track.isJumpRight = false;
    }
    for (const message of fresh) {
      records.push({ kind: "shown", t: now(), device, ...lookOf(message) });
      track.drawn.set(message.seq, message);
      track.first.set(message.seq, visibleFact(message));
      track.shownSeq = message.seq;
    }
  }

  /** What was visible before and looks otherwise now. Messages that did not change are the same objects. */
  function redraw({ drawn, shownSeq }: RoomTrack, messages: readonly MessageView[]): void {
    for (const message of messages) {
      const before = drawn.get(message.seq);
      if (before === message || message.seq > shownSeq) continue;
      drawn.set(message.seq, message);
      if (before === undefined || looksAlike(before, message)) continue;
      records.push({ kind: "changed", t: now(), device, ...lookOf(message) });
    }
  }

  function listen() {
    sockets += 1;
    const socket = sockets;
    const own = new Set<RoomId>();
    waiting = own;
    let isOpen = true;
    const answered = (kind: "caught_up" | "resync", roomId: RoomId, seq: number) => {
      records.push({ kind, t: now(), device, roomId, socket, seq });
      own.delete(roomId);
    };
    return {
      onSent(text: string) {
        const frame = clientFrameSchema.safeParse(JSON.parse(text));
        if (!frame.success || frame.data.t !== "resume") return;
        for (const { roomId } of frame.data.cursors) {
          // Where the device asks from is its own affair; what it must show next is what comes after what it shows.
          records.push({ kind: "resume_from", t: now(), device, roomId, socket, seq: trackOf(roomId).shownSeq });
          own.add(roomId);
        }
      },
      onHeard(text: string) {
        const parsed = serverFrameSchema.safeParse(JSON.parse(text));
        if (!parsed.success) return;
        const frame = parsed.data;
        if (frame.t === "ack") conclude(frame.clientId, "ok", frame.seq);
        if (frame.t === "caught_up") answered("caught_up", frame.roomId, frame.cursor.seq);
        if (frame.t !== "resync") return;
        answered("resync", frame.roomId, trackOf(frame.roomId).shownSeq);
        trackOf(frame.roomId).isJumpRight = true;
      },
      onClosed() {
        if (isOpen) records.push({ kind: "socket_closed", t: now(), device, socket });
        isOpen = false;
        own.clear();
      },
    };
  }

  return {
    sent(roomId, clientId, text) {
      sends.set(clientId, { roomId, text, isOpen: true });
      open += 1;
      records.push({ kind: "send", t: now(), device, userId, roomId, clientId, text, result: "invoke", seq: null });
    },
    acknowledged: (clientId, seq) => conclude(clientId, "ok", seq),
    failed: (clientId) => conclude(clientId, "fail", null),
    changing({ roomId, seq, revision }, text) {
      const kind = text === null ? "delete" : "edit";
      const attempt = { kind, device, userId, roomId, seq, revision, text } as const;
      records.push({ ...attempt, t: now(), result: "invoke" });
      return (result) => void records.push({ ...attempt, t: now(), result });
    },
    mayJump(roomId) {
      trackOf(roomId).isJumpRight = true;
    },
    look(state) {
      for (const conversation of state.conversations.values()) show(conversation);
    },
    listen,
    unanswered: () => waiting.size,
    shownSeq: (roomId) => trackOf(roomId).shownSeq,
    shownFirst: (roomId) => trackOf(roomId).first,
    scrolled(roomId, messages) {
      const { first } = trackOf(roomId);
      for (const message of messages) if (!first.has(message.seq)) first.set(message.seq, visibleFact(message));
    },
    open: () => open,
  };
}

/** The end of an ascending list; read from its end, because that is where the news is. */
function newerThan(messages: readonly MessageView[], seq: number): readonly MessageView[] {
  let start = messages.length;
  while (start > 0 && (messages[start - 1]?.seq ?? 0) > seq) start -= 1;
  return messages.slice(start);
}
