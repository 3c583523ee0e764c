import type { History } from "@ashchat/contracts/api";
import type { ClientId, RoomId, UserId } from "@ashchat/contracts/ids";
import { clientIdSchema, newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Cursor, MessageView, TranslationView } from "@ashchat/contracts/message";
import type { MemberView, RoomView } from "@ashchat/contracts/room";
import type { RoomFrame } from "../apply-frame";

/**
 * The smallest server that keeps the promises of contracts/realtime for one room and one reader (who reads Spanish), with
 * pages so small that every resume has several. What it answers is true at the moment of asking; the test decides when,
 * and whether, the answer arrives.
 */
const fixedBytes = (fill: number) => (sizeBytes: number) => new Uint8Array(sizeBytes).fill(fill);
export const ROOM: RoomId = newId("room", fixedBytes(1));
export const READER: UserId = newId("usr", fixedBytes(2));
export const WRITER: UserId = newId("usr", fixedBytes(3));

const PAGE_MESSAGES = 3;
const CREATED_AT = 1_700_000_000_000;

interface LoggedChange {
  readonly seq: number;
  readonly messageSeq: number;
  readonly isForReader: boolean;
}

export function clientIdOf(seq: number): ClientId {
  return clientIdSchema.parse(`client-message-${String(seq).padStart(6, "0")}`);
}

export function messageOf(seq: number, senderId: UserId = WRITER): MessageView {
  return {
    roomId: ROOM,
    seq,
    senderId,
    clientId: clientIdOf(seq),
    sentAt: CREATED_AT + seq,
    language: "en",
    text: `text ${seq}`,
    revision: 1,
    version: 1,
    editedAt: null,
    deletedAt: null,
    translation: null,
  };
}

export function doneTranslation(message: MessageView): TranslationView {
  const { revision } = message;
  return { status: "done", language: "es", revision, text: `${message.text} (es)`, engine: "test", at: CREATED_AT };
}

export class ModelServer {
  readonly #messages: MessageView[] = [];
  readonly #changes: LoggedChange[] = [];
  readonly #marks = new Map([READER, WRITER].map((userId) => [userId, { deliveredSeq: 0, readSeq: 0 }]));
  readonly #resumeGapMax: number;
  /** The last change that was put on the socket of the reader. */
  #fannedOut = 0;

  constructor(resumeGapMax: number) {
    this.#resumeGapMax = resumeGapMax;
  }

  get head(): Cursor {
    return { seq: this.#messages.length, changeSeq: this.#changes.length };
  }

  send(senderId: UserId): RoomFrame[] {
    const message = messageOf(this.#messages.length + 1, senderId);
    this.#messages.push(message);
    return [{ t: "message", roomId: ROOM, message }, ...this.mark(senderId, message.seq)];
  }

  mark(userId: UserId, readSeq: number): RoomFrame[] {
    const known = this.#marks.get(userId) ?? { deliveredSeq: 0, readSeq: 0 };
    const seq = Math.min(readSeq, this.#messages.length);
    const marks = { deliveredSeq: Math.max(known.deliveredSeq, seq), readSeq: Math.max(known.readSeq, seq) };
    this.#marks.set(userId, marks);
    return [{ t: "receipts", roomId: ROOM, marks: [{ userId, ...marks }] }];
  }

  /** Into Spanish: the reader is told. */
  translate(seq: number): RoomFrame[] {
    return this.#change(seq, "translated", (message) => ({ ...message, translation: doneTranslation(message) }));
  }

  /** Into another language: the log goes on, the reader hears nothing. */
  translateForOthers(seq: number): RoomFrame[] {
    const message = this.#messages[seq - 1];
    if (message === undefined || message.text === null) return [];
    this.#messages[seq - 1] = { ...message, version: message.version + 1 };
    this.#changes.push({ seq: this.#changes.length + 1, messageSeq: seq, isForReader: false });
    return [];
  }

  edit(seq: number): RoomFrame[] {
    return this.#change(seq, "edited", (message) => ({
      ...message,
      text: `${message.text}!`,
      revision: message.revision + 1,
      editedAt: CREATED_AT,
      translation: { status: "pending", language: "es", revision: message.revision + 1 },
    }));
  }

  delete(seq: number): RoomFrame[] {
    return this.#change(seq, "deleted", (message) => ({
      ...message,
      text: null,
      deletedAt: CREATED_AT,
      translation: null,
    }));
  }

  history(before: number = this.#messages.length + 1): History {
    const last = Math.min(before - 1, this.#messages.length);
    const first = Math.max(1, last - PAGE_MESSAGES + 1);
    const messages = this.#messages.slice(first - 1, Math.max(0, last));
    return { messages, cursor: this.head, hasOlder: first > 1, hasNewer: last < this.#messages.length };
  }

  /** The next frame of the answer, and where the one after it begins (null: that was the last). */
  resume(from: Cursor): { frame: RoomFrame; next: Cursor | null } {
    const head = this.head;
    const isGone = from.seq > head.seq || from.changeSeq > head.changeSeq;
    if (isGone || head.seq - from.seq + head.changeSeq - from.changeSeq > this.#resumeGapMax) {
      return { frame: { t: "resync", roomId: ROOM }, next: null };
    }
    if (from.seq === head.seq && from.changeSeq === head.changeSeq) {
      return { frame: { t: "caught_up", roomId: ROOM, cursor: from }, next: null };
    }
    const to = {
      seq: Math.min(head.seq, from.seq + PAGE_MESSAGES),
      changeSeq: Math.min(head.changeSeq, from.changeSeq + PAGE_MESSAGES),
    };
    const changes = this.#changes.slice(from.changeSeq, to.changeSeq);
    const seqs = new Set(changes.filter((change) => change.isForReader).map((change) => change.messageSeq));
    const changed = this.#messages.filter((message) => message.seq <= to.seq && seqs.has(message.seq));
    const messages = this.#messages.slice(from.seq, to.seq);
    return { frame: { t: "page", roomId: ROOM, from, to, messages, changed }, next: to };
  }

  /** What a device that knows nothing would fetch. */
  room(): RoomView {
    return {
      roomId: ROOM,
      kind: "direct",
      title: null,
      membersVersion: 1,
      members: [this.#member(READER), this.#member(WRITER)],
      head: this.head.seq,
      changeHead: this.head.changeSeq,
      joinedSeq: 0,
      ...(this.#marks.get(READER) ?? { deliveredSeq: 0, readSeq: 0 }),
      lastMessage: this.#messages.at(-1) ?? null,
      createdAt: CREATED_AT,
    };
  }

  message(seq: number): MessageView | undefined {
    return this.#messages[seq - 1];
  }

  #member(userId: UserId): MemberView {
    const marks = this.#marks.get(userId) ?? { deliveredSeq: 0, readSeq: 0 };
    return { userId, role: "member", name: userId, tag: "ana-4k7q", language: "es", joinedSeq: 0, ...marks };
  }

  #change(
    seq: number,
    kind: "translated" | "edited" | "deleted",
    write: (message: MessageView) => MessageView,
  ): RoomFrame[] {
    const known = this.#messages[seq - 1];
    if (known === undefined || known.text === null) return [];
    const written = { ...write(known), version: known.version + 1 };
    this.#messages[seq - 1] = written;
    const changeSeq = this.#changes.length + 1;
    this.#changes.push({ seq: changeSeq, messageSeq: seq, isForReader: true });
    const since = this.#fannedOut;
    this.#fannedOut = changeSeq;
    // Only a change about the translation carries one.
    const message = kind === "translated" ? written : { ...written, translation: null };
    return [{ t: "change", roomId: ROOM, since, seq: changeSeq, kind, message }];
  }
}

/** The reader's device never asks for more than this many steps before it must be at rest. */
export const STEPS_MAX = LIMITS.heldFramesMax * 10;
