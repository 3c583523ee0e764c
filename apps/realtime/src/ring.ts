import type { StoredMessage } from "@ashchat/contracts/announcements";
import type { Language } from "@ashchat/contracts/languages";
import type { Cursor } from "@ashchat/contracts/message";
import type { LoggedChange } from "./room-feed";

/**
 * The newest messages and changes of one room, as they were fanned out: answers most resumes without the database.
 * Both rows are without holes and end at the feed's heads; a message is kept in its newest known state.
 * All rings of a process share a budget of characters; where it is used up, a ring drops its oldest for its newest.
 */
export interface RingBudget {
  usedChars: number;
  readonly maxChars: number;
}

export interface RingReader {
  readonly language: Language;
  readonly joinedSeq: number;
}

export interface RingPage {
  readonly from: Cursor;
  readonly to: Cursor;
  readonly messages: StoredMessage[];
  readonly changed: StoredMessage[];
}

export interface RingLimits {
  readonly roomRingMessages: number;
  readonly resumePageMessages: number;
}

/** A message costs its text, about as much again per translation, and its fields. */
const TEXT_COPIES = 3;
const FIELDS_CHARS = 300;

export class Ring {
  readonly #limits: RingLimits;
  readonly #budget: RingBudget;
  readonly #messages = new Map<number, StoredMessage>();
  readonly #changes = new Map<number, LoggedChange>();
  #seq: number;
  #changeSeq: number;

  constructor(head: Cursor, budget: RingBudget, limits: RingLimits) {
    this.#seq = head.seq;
    this.#changeSeq = head.changeSeq;
    this.#budget = budget;
    this.#limits = limits;
  }

  addMessage(message: StoredMessage): void {
    this.#seq = message.seq;
    this.#messages.set(message.seq, message);
    this.#budget.usedChars += costOf(message);
    if (this.#messages.size > this.#limits.roomRingMessages || this.#isOverBudget()) this.#dropOldestMessage();
  }

  addChange(logged: LoggedChange): void {
    const { change, message } = logged;
    this.#changeSeq = change.seq;
    this.#changes.set(change.seq, logged);
    this.#budget.usedChars += costOf(message);
    const known = this.#messages.get(message.seq);
    if (known !== undefined && known.version < message.version) this.#replace(known, message);
    if (this.#changes.size > this.#limits.roomRingMessages || this.#isOverBudget()) this.#dropOldestChange();
  }

  /** Forgets everything: the next resume goes to the database. */
  clear(head: Cursor): void {
    while (this.#messages.size > 0) this.#dropOldestMessage();
    while (this.#changes.size > 0) this.#dropOldestChange();
    this.#seq = head.seq;
    this.#changeSeq = head.changeSeq;
  }

  /** The next page after `cursor`, or null where the ring does not reach back that far (or not that far ahead). */
  page(cursor: Cursor, reader: RingReader): RingPage | null {
    const isKept =
      cursor.seq >= this.#seq - this.#messages.size &&
      cursor.changeSeq >= this.#changeSeq - this.#changes.size &&
      cursor.seq <= this.#seq &&
      cursor.changeSeq <= this.#changeSeq;
    if (!isKept) return null;
    const toSeq = Math.min(this.#seq, cursor.seq + this.#limits.resumePageMessages);
    const isLast = toSeq === this.#seq;
    const to = { seq: toSeq, changeSeq: isLast ? this.#changeSeq : cursor.changeSeq };
    return {
      from: cursor,
      to,
      messages: this.#messagesIn({ from: Math.max(cursor.seq, reader.joinedSeq), to: toSeq }),
      changed: isLast ? this.#changedSince(cursor, reader) : [],
    };
  }

  #messagesIn(range: { from: number; to: number }): StoredMessage[] {
    const messages: StoredMessage[] = [];
    for (let seq = range.from + 1; seq <= range.to; seq += 1) {
      const message = this.#messages.get(seq);
      if (message !== undefined) messages.push(message);
    }
    return messages;
  }

  /** Current states of messages up to the cursor that changed after it in a way that concerns the reader. */
  #changedSince(cursor: Cursor, { language, joinedSeq }: RingReader): StoredMessage[] {
    const changed = new Map<number, StoredMessage>();
    for (let seq = cursor.changeSeq + 1; seq <= this.#changeSeq; seq += 1) {
      const logged = this.#changes.get(seq);
      if (logged === undefined) continue;
      const { change, message } = logged;
      if (message.seq > cursor.seq || message.seq <= joinedSeq) continue;
      if (change.kind === "translated" && change.language !== language) continue;
      const known = this.#messages.get(message.seq) ?? changed.get(message.seq);
      changed.set(message.seq, known !== undefined && known.version > message.version ? known : message);
    }
    return [...changed.values()];
  }

  #replace(known: StoredMessage, message: StoredMessage): void {
    this.#budget.usedChars += costOf(message) - costOf(known);
    this.#messages.set(message.seq, message);
  }

  #isOverBudget(): boolean {
    return this.#budget.usedChars > this.#budget.maxChars;
  }

  // Without holes, so the oldest is known by its number: no iterator per message.
  #dropOldestMessage(): void {
    const oldest = this.#messages.get(this.#seq - this.#messages.size + 1);
    if (oldest === undefined) return;
    this.#messages.delete(oldest.seq);
    this.#budget.usedChars -= costOf(oldest);
  }

  #dropOldestChange(): void {
    const oldest = this.#changes.get(this.#changeSeq - this.#changes.size + 1);
    if (oldest === undefined) return;
    this.#changes.delete(oldest.change.seq);
    this.#budget.usedChars -= costOf(oldest.message);
  }
}

function costOf(message: StoredMessage): number {
  return (message.text?.length ?? 0) * TEXT_COPIES + FIELDS_CHARS;
}
