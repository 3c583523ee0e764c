import type { Me } from "@ashchat/contracts/api";
import type { ErrorCode } from "@ashchat/contracts/errors";
import { appError } from "@ashchat/contracts/errors";
import type { ClientId, RoomId, UserId } from "@ashchat/contracts/ids";
import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Cursor, MessageView } from "@ashchat/contracts/message";
import type { ClientFrame, ReadyFrame, ServerFrame } from "@ashchat/contracts/realtime";
import { CLOSE_CODES, clientFrameSchema } from "@ashchat/contracts/realtime";
import type { Result } from "@ashchat/contracts/result";
import { fail, ok } from "@ashchat/contracts/result";
import type { Presence, MemberView, RoomView } from "@ashchat/contracts/room";
import type { RealtimeApi } from "../api";
import type { OpenSocket, SocketEvents } from "../environment";

const HISTORY_PAGE = 50;

interface Line {
  readonly userId: UserId;
  readonly events: SocketEvents;
  isReady: boolean;
}

/** One room and its people in memory, reachable by socket and by HTTP, each of which a test can break. */
export class ChatServer {
  readonly roomId: RoomId = newId("room");
  readonly people: readonly [UserId, UserId] = [newId("usr"), newId("usr")];
  readonly messages: MessageView[] = [];
  readonly marks = new Map<UserId, { deliveredSeq: number; readSeq: number }>();
  /** Everything that clients said, in order. */
  readonly heard: { userId: UserId; by: "socket" | "http"; frame: ClientFrame }[] = [];
  readonly translated: number[][] = [];
  isSocketUp = true;
  /** When it began to take sockets, as those who poll are told. */
  realtimeSince: number | null = null;
  /** Sockets that were tried. */
  socketsTried = 0;
  isHttpUp = true;
  /** The session has ended: nothing is answered by HTTP any more. */
  isRevoked = false;
  /** The next so many acknowledgements are lost on the way. */
  acksToLose = 0;
  marksByHttp = 0;
  /** Single rooms that were fetched. */
  roomsAsked = 0;
  /** And the next so many sends by socket never come to the server's hand. */
  sendsToLose = 0;
  /** Frames of these kinds do not arrive. */
  readonly silenced = new Set<ServerFrame["t"]>();
  refuseSendsWith: ErrorCode | null = null;
  /** When those come back, as a refusal by socket says it. */
  retryAfterMs: number | null = null;
  changeHead = 0;
  /** What `ready` says of changed profiles; null: names are fetched. */
  changedProfiles: ReadyFrame["changedProfiles"] = null;
  readonly names: [string, string] = ["Ana", "Ben"];
  /** What a fetched room says of its people. */
  presence: Presence[] = [];
  #marksHeld: Promise<void> | null = null;
  readonly #lines = new Set<Line>();

  // ── by socket ────────────────────────────────────────────────────────────────────────────────────────────────────

  openSocket(userId: UserId, events: SocketEvents): OpenSocket {
    const line: Line = { userId, events, isReady: false };
    this.socketsTried += 1;
    queueMicrotask(() => (this.isSocketUp ? this.#connect(line) : events.onClose(1006)));
    return {
      send: (text) => queueMicrotask(() => this.#lines.has(line) && this.#hear(line, text)),
      close: () => void this.#lines.delete(line),
    };
  }

  /** Cuts every socket. */
  cut(code: number = CLOSE_CODES.goingAway): void {
    for (const line of this.#lines) {
      this.#lines.delete(line);
      line.events.onClose(code);
    }
  }

  /** Marks by HTTP are not answered until the returned function is called. */
  holdMarks(): () => void {
    let release = () => {};
    this.#marksHeld = new Promise((resolve) => (release = resolve));
    return () => {
      this.#marksHeld = null;
      release();
    };
  }

  push(frame: ServerFrame, to: (userId: UserId) => boolean = () => true): void {
    if (this.silenced.has(frame.t)) return;
    for (const line of this.#lines) if (line.isReady && to(line.userId)) line.events.onText(JSON.stringify(frame));
  }

  get openLines(): number {
    return this.#lines.size;
  }

  #connect(line: Line): void {
    this.#lines.add(line);
    line.events.onOpen();
  }

  #hear(line: Line, text: string): void {
    const frame = clientFrameSchema.parse(JSON.parse(text));
    const { userId } = line;
    this.heard.push({ userId, by: "socket", frame });
    const answer = (reply: ServerFrame) => line.events.onText(JSON.stringify(reply));
    if (frame.t === "auth") {
      line.isReady = true;
      return answer(this.#ready(userId));
    }
    if (frame.t === "ping") return answer({ t: "pong" });
    if (frame.t === "resume") for (const cursor of frame.cursors) this.#resume(cursor).forEach(answer);
    if (frame.t === "delivered") this.mark(userId, { deliveredSeq: frame.seq, readSeq: 0 });
    if (frame.t === "read") this.mark(userId, { deliveredSeq: frame.seq, readSeq: frame.seq });
    if (frame.t === "send") this.#answerSend(line, frame);
  }

  #answerSend({ userId, events }: Line, frame: Extract<ClientFrame, { t: "send" }>): void {
    const { roomId, clientId } = frame;
    if (this.sendsToLose > 0) {
      this.sendsToLose -= 1;
      return;
    }
    if (this.refuseSendsWith !== null) {
      const { code, retryable } = appError(this.refuseSendsWith, "");
      const { retryAfterMs } = this;
      events.onText(JSON.stringify({ t: "error", code, retryable, retryAfterMs, ref: clientId, roomId }));
      return;
    }
    const { seq, sentAt } = this.write(userId, frame.text, clientId);
    if (this.acksToLose > 0) this.acksToLose -= 1;
    else events.onText(JSON.stringify({ t: "ack", roomId, clientId, seq, sentAt }));
  }

  #ready(userId: UserId): ServerFrame {
    const { roomId, membersVersion, head, changeHead, joinedSeq, deliveredSeq, readSeq } = this.room(userId);
    const rooms = [{ roomId, membersVersion, head, changeHead, joinedSeq, deliveredSeq, readSeq }];
    return {
      t: "ready",
      v: 1,
      userId,
      sessionId: newId("ses"),
      serverTime: LIMITS.changedProfilesMs,
      rooms,
      presence: [],
      changedProfiles: this.changedProfiles,
    };
  }

  #resume({ seq, changeSeq }: Cursor): ServerFrame[] {
    const { roomId } = this;
    const to = { seq: this.messages.length, changeSeq: this.changeHead };
    const messages = this.messages.slice(seq);
    const page: ServerFrame = { t: "page", roomId, from: { seq, changeSeq }, to, messages, changed: [] };
    const isNews = messages.length > 0 || to.changeSeq > changeSeq;
    return [...(isNews ? [page] : []), { t: "caught_up", roomId, cursor: to }];
  }

  // ── what happens in the room ─────────────────────────────────────────────────────────────────────────────────────

  /** The same clientId is the same message for ever; it is announced again. */
  write(senderId: UserId, text: string, clientId: ClientId): MessageView {
    const known = this.messages.find((message) => message.senderId === senderId && message.clientId === clientId);
    const message = known ?? this.#append(senderId, text, clientId);
    this.push({ t: "message", roomId: this.roomId, message });
    return message;
  }

  mark(userId: UserId, marks: { deliveredSeq: number; readSeq: number }): { deliveredSeq: number; readSeq: number } {
    const known = this.marks.get(userId) ?? { deliveredSeq: 0, readSeq: 0 };
    const readSeq = Math.max(known.readSeq, marks.readSeq);
    const grown = { deliveredSeq: Math.max(known.deliveredSeq, marks.deliveredSeq, readSeq), readSeq };
    this.marks.set(userId, grown);
    this.push({ t: "receipts", roomId: this.roomId, marks: [{ userId, ...grown }] });
    return grown;
  }

  #append(senderId: UserId, text: string, clientId: ClientId): MessageView {
    const seq = this.messages.length + 1;
    const message: MessageView = {
      roomId: this.roomId,
      seq,
      senderId,
      clientId,
      sentAt: 1_700_000_000_000 + seq,
      language: "en",
      text,
      revision: 1,
      version: 1,
      editedAt: null,
      deletedAt: null,
      translation: null,
    };
    this.messages.push(message);
    return message;
  }

  room(readerId: UserId): RoomView {
    const own = this.marks.get(readerId) ?? { deliveredSeq: 0, readSeq: 0 };
    return {
      roomId: this.roomId,
      kind: "direct",
      title: null,
      membersVersion: 1,
      members: this.people.map((userId) => this.#member(userId)),
      head: this.messages.length,
      changeHead: this.changeHead,
      joinedSeq: 0,
      ...own,
      lastMessage: this.messages.at(-1) ?? null,
      createdAt: 1_600_000_000_000,
    };
  }

  #member(userId: UserId): MemberView {
    const marks = this.marks.get(userId) ?? { deliveredSeq: 0, readSeq: 0 };
    const name = userId === this.people[0] ? this.names[0] : this.names[1];
    return { userId, role: "member", name, tag: `${name.toLowerCase()}-4k7q`, language: "es", joinedSeq: 0, ...marks };
  }

  me(userId: UserId): Me {
    const { name, tag, language } = this.#member(userId);
    const profile = { userId, name, tag, language, about: "" };
    return { profile, email: "ana@example.org", sessionId: newId("ses"), understands: [], uiLanguage: "en" };
  }

  // ── by HTTP ──────────────────────────────────────────────────────────────────────────────────────────────────────

  api(userId: UserId): RealtimeApi {
    const answer = async <Value>(value: () => Value): Promise<Result<Value>> => {
      await Promise.resolve();
      if (!this.isHttpUp) return fail(appError("unavailable", "the server does not answer"));
      return this.isRevoked ? fail(appError("session_revoked", "signed out elsewhere")) : ok(value());
    };
    return {
      ticket: () => answer(() => ({ ticket: "t".repeat(32), url: "ws://test", expiresAt: 0 })),
      me: () => answer(() => this.me(userId)),
      rooms: () => answer(() => ({ rooms: [this.room(userId)], presence: [] })),
      room: () => {
        this.roomsAsked += 1;
        return answer(() => ({ room: this.room(userId), presence: this.presence }));
      },
      history: ({ before = this.messages.length + 1, around }) => answer(() => this.#history(around ?? before, around)),
      resume: ({ cursors }) => answer(() => this.#resumeByHttp(cursors)),
      send: async (input) => {
        if (this.isHttpUp) this.heard.push({ userId, by: "http", frame: { t: "send", ...input } });
        if (this.refuseSendsWith !== null) return fail(appError(this.refuseSendsWith, "refused"));
        return answer(() => {
          const message = this.write(userId, input.text, input.clientId);
          return { seq: message.seq, sentAt: message.sentAt, message };
        });
      },
      mark: async ({ deliveredSeq = 0, readSeq = 0 }) => {
        this.marksByHttp += 1;
        await this.#marksHeld;
        return answer(() => this.mark(userId, { deliveredSeq, readSeq }));
      },
      translate: ({ seqs }) =>
        answer(() => {
          this.translated.push([...seqs]);
          return { messages: this.messages.filter((message) => seqs.includes(message.seq)) };
        }),
      edit: () => answer(() => ({ message: this.#first() })),
      delete: () => answer(() => ({ message: this.#first() })),
    };
  }

  #history(point: number, around?: number) {
    const last = Math.min(around === undefined ? point - 1 : point + HISTORY_PAGE / 2 - 1, this.messages.length);
    const first = Math.max(1, last - HISTORY_PAGE + 1);
    const cursor = { seq: this.messages.length, changeSeq: this.changeHead };
    const messages = this.messages.slice(first - 1, Math.max(0, last));
    return { messages, cursor, hasOlder: first > 1, hasNewer: last < this.messages.length };
  }

  #resumeByHttp(cursors: readonly ({ roomId: RoomId } & Cursor)[]) {
    const pages = cursors.flatMap(({ roomId, seq, changeSeq }) => {
      const to = { seq: this.messages.length, changeSeq: this.changeHead };
      if (to.seq === seq && to.changeSeq === changeSeq) return [];
      return [{ roomId, from: { seq, changeSeq }, to, messages: this.messages.slice(seq), changed: [], more: false }];
    });
    return { pages, resync: [], realtimeSince: this.realtimeSince };
  }

  #first(): MessageView {
    const [message] = this.messages;
    if (message === undefined) throw new Error("the room is empty");
    return message;
  }
}
