import type { StoredChange, StoredMessage } from "@ashchat/contracts/announcements";
import type { RoomId, UserId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import type { ServerFrame } from "@ashchat/contracts/realtime";
import { viewMessage } from "@ashchat/core/message-view";
import { encodeFrame } from "./outbox";
import type { RoomReaders, Subscription } from "./registry";
import type { LoggedChange } from "./room-feed";

/**
 * One event of a room to its local readers. A frame is made once per audience: a message once for all, a translation once
 * for those who read its language. A reader who is resuming (`paused`) is left out, because the resume's last page is taken
 * from what has been fanned out by then; so is one who joined after the message.
 */
interface FrameSink {
  push(frame: Buffer): void;
  pushEphemeral(frame: Buffer): void;
}

type Readers = RoomReaders<FrameSink> | undefined;

/**
 * How far back each language's readers can be without having missed anything: the `since` of change frames. A translation
 * concerns one language, every other change concerns all.
 */
export class Relevance {
  #all: number;
  readonly #byLanguage = new Map<Language, number>();

  /** @param changeHead nothing is known about changes up to here, so they count as relevant. */
  constructor(changeHead: number) {
    this.#all = changeHead;
  }

  since(language: Language): number {
    return this.#byLanguage.get(language) ?? this.#all;
  }

  note(change: StoredChange): void {
    if (change.kind === "translated" && change.language !== null) {
      this.#byLanguage.set(change.language, change.seq);
      return;
    }
    this.reset(change.seq);
  }

  reset(changeHead: number): void {
    this.#all = changeHead;
    this.#byLanguage.clear();
  }
}

/** Returns how many sockets got it. */
export function fanMessage(readers: Readers, message: StoredMessage): number {
  if (readers === undefined) return 0;
  const frame = encodeFrame({ t: "message", roomId: message.roomId, message: viewMessage(message, null) });
  let count = 0;
  for (const subscriptions of readers.byLanguage.values()) {
    for (const subscription of subscriptions) {
      if (subscription.paused || subscription.joinedSeq >= message.seq) continue;
      subscription.connection.push(frame);
      count += 1;
    }
  }
  return count;
}

/** Also moves `relevance` on. */
export function fanChange(readers: Readers, relevance: Relevance, { change, message }: LoggedChange): number {
  let count = 0;
  if (change.kind === "translated" && change.language !== null) {
    count = fanTranslation(readers?.byLanguage.get(change.language), relevance, { change, message });
  } else {
    const frames = new Map<number, Buffer>();
    for (const [language, subscriptions] of readers?.byLanguage ?? []) {
      const since = relevance.since(language);
      const frame = frames.get(since) ?? changeFrame({ change, message }, since, null);
      frames.set(since, frame);
      count += pushTo(subscriptions, message, { others: frame, author: frame });
    }
  }
  relevance.note(change);
  return count;
}

function fanTranslation(
  subscriptions: ReadonlySet<Subscription<FrameSink>> | undefined,
  relevance: Relevance,
  logged: LoggedChange,
): number {
  const { language } = logged.change;
  if (subscriptions === undefined || language === null) return 0;
  const since = relevance.since(language);
  const others = changeFrame(logged, since, language);
  // The author keeps the original, but must learn that the change log went on.
  const author = hasAuthor(subscriptions, logged.message.senderId) ? changeFrame(logged, since, null) : others;
  return pushTo(subscriptions, logged.message, { others, author });
}

function hasAuthor(subscriptions: ReadonlySet<Subscription<FrameSink>>, authorId: UserId): boolean {
  for (const subscription of subscriptions) if (subscription.userId === authorId) return true;
  return false;
}

function changeFrame({ change, message }: LoggedChange, since: number, language: Language | null): Buffer {
  return encodeFrame({
    t: "change",
    roomId: change.roomId,
    since,
    seq: change.seq,
    kind: change.kind,
    message: viewMessage(message, language),
  });
}

function pushTo(
  subscriptions: ReadonlySet<Subscription<FrameSink>>,
  message: StoredMessage,
  frames: { others: Buffer; author: Buffer },
): number {
  let count = 0;
  for (const subscription of subscriptions) {
    if (subscription.paused || subscription.joinedSeq >= message.seq) continue;
    subscription.connection.push(subscription.userId === message.senderId ? frames.author : frames.others);
    count += 1;
  }
  return count;
}

/** What was skipped cannot be fanned out: every reader fetches the room again. */
export function fanJump(readers: Readers, roomId: RoomId): void {
  fanFrame(readers, { t: "resync", roomId });
}

/** The same frame to every reader of the room, except those of `exceptUserId`. Ephemeral ones skip slow sockets. */
export function fanFrame(
  readers: Readers,
  frame: ServerFrame,
  options: { exceptUserId?: UserId; isEphemeral?: boolean } = {},
): void {
  if (readers === undefined) return;
  const encoded = encodeFrame(frame);
  for (const subscriptions of readers.byLanguage.values()) {
    for (const { userId, connection } of subscriptions) {
      if (userId === options.exceptUserId) continue;
      if (options.isEphemeral === true) connection.pushEphemeral(encoded);
      else connection.push(encoded);
    }
  }
}
