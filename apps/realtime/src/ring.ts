import type { StoredMessage } from "@ashchat/contracts/announcements";
import type { Language } from "@ashchat/contracts/languages";
import type { Cursor } from "@ashchat/contracts/message";
import type { LoggedChange } from "./room-feed";

/**
 * The newest messages and changes of one room, as they were fanned out: answers most resumes without the database.
 * Both rows are without holes and end at the feed's heads; a message is kept in its newest known state.
 * All rings of a process share a budget of characters; where it is used up, a ring drops its oldest for its newest.
 *
 * A ring begins empty. What was written before can be put in front of it (`missing`, then `prepend`), while more is fanned out:
 * - The rows end where the ring began when they were asked for. Where it begins elsewhere by now (something was dropped, or all
 *   of it) they would leave a hole and are not taken.
 * - Whatever was fanned out before they were asked for is in the rows that are read, for it was stored before it was announced. A change
 *   that was fanned out since is in the ring, as nothing has been dropped: the newer of the two states counts.
 * - They are asked for and taken while less than half of the budget is used: the other half is for what is said.
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

/** Entries of one log from `after` + 1 up to `upTo`; none where the two are equal. */
export interface RingSpan {
  readonly after: number;
  readonly upTo: number;
}

/** What lies right before a ring. */
export interface RingPast {
  readonly messages: RingSpan;
  readonly changes: RingSpan;
}

export interface RingRows {
  readonly messages: readonly StoredMessage[];
  readonly changes: readonly LoggedChange[];
}

export interface RingLimits {
  readonly roomRingMessages: number;
  readonly ringLoadMessagesMin: number;
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
    this.#changeSeq = logged.change.seq;
    this.#keepChange(logged);
    if (this.#changes.size > this.#limits.roomRingMessages || this.#isOverBudget()) this.#dropOldestChange();
  }

  /** Forgets everything: the next resume goes to the database. */
  clear(head: Cursor): void {
    while (this.#messages.size > 0) this.#dropOldestMessage();
    while (this.#changes.size > 0) this.#dropOldestChange();
    this.#seq = head.seq;
    this.#changeSeq = head.changeSeq;
  }

  /** False where it does not go back that far (or not that far ahead). */
  reaches(cursor: Cursor): boolean {
    const start = this.#start();
    return cursor.seq >= start.seq && cursor.changeSeq >= start.changeSeq && !this.#isAhead(cursor);
  }

  /**
   * What to put in front so that it reaches `cursor`, and as much again: whoever comes next may have missed more. Null where that is more
   * than a ring holds.
   */
  missing(cursor: Cursor): RingPast | null {
    const { roomRingMessages, ringLoadMessagesMin } = this.#limits;
    const back = Math.max(this.#seq - cursor.seq, this.#changeSeq - cursor.changeSeq);
    if (this.#isAhead(cursor) || back > roomRingMessages || this.#isHalfUsed()) return null;
    const reach = Math.min(roomRingMessages, Math.max(ringLoadMessagesMin, 2 * back));
    const start = this.#start();
    return {
      messages: spanBefore(start.seq, this.#seq - reach),
      changes: spanBefore(start.changeSeq, this.#changeSeq - reach),
    };
  }

  /** Takes the newest of these rows, as many as there is room for; false where it takes none. */
  prepend(past: RingPast, rows: RingRows): boolean {
    const start = this.#start();
    const isSeamless = past.messages.upTo === start.seq && past.changes.upTo === start.changeSeq;
    const seqs = rows.messages.map(({ seq }) => seq);
    const changeSeqs = rows.changes.map(({ change }) => change.seq);
    const areWhole = isWhole(seqs, past.messages) && isWhole(changeSeqs, past.changes);
    if (!isSeamless || !areWhole || this.#isHalfUsed()) return false;
    const before = this.#messages.size + this.#changes.size;
    this.#prependMessages(rows.messages);
    for (const logged of rows.changes.toReversed()) {
      if (!this.#hasRoom(this.#changes.size, logged.message)) break;
      this.#keepChange(logged);
    }
    return this.#messages.size + this.#changes.size > before;
  }

  /** The next page after `cursor`, or null where the ring does not reach it. */
  page(cursor: Cursor, reader: RingReader): RingPage | null {
    if (!this.reaches(cursor)) return null;
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

  /** Whatever comes after it is kept. */
  #start(): Cursor {
    return { seq: this.#seq - this.#messages.size, changeSeq: this.#changeSeq - this.#changes.size };
  }

  #isAhead(cursor: Cursor): boolean {
    return cursor.seq > this.#seq || cursor.changeSeq > this.#changeSeq;
  }

  #prependMessages(messages: readonly StoredMessage[]): void {
    const changed = new Map<number, StoredMessage>();
    for (const { message } of this.#changes.values())
      changed.set(message.seq, newer(message, changed.get(message.seq)));
    for (const read of messages.toReversed()) {
      const message = newer(read, changed.get(read.seq));
      if (!this.#hasRoom(this.#messages.size, message)) break;
      this.#messages.set(message.seq, message);
      this.#budget.usedChars += costOf(message);
    }
  }

  #keepChange(logged: LoggedChange): void {
    const { change, message } = logged;
    this.#changes.set(change.seq, logged);
    this.#budget.usedChars += costOf(message);
    const known = this.#messages.get(message.seq);
    if (known !== undefined && known.version < message.version) this.#replace(known, message);
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
      changed.set(message.seq, newer(message, this.#messages.get(message.seq) ?? changed.get(message.seq)));
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

  #isHalfUsed(): boolean {
    return this.#budget.usedChars * 2 >= this.#budget.maxChars;
  }

  #hasRoom(count: number, message: StoredMessage): boolean {
    return count < this.#limits.roomRingMessages && this.#budget.usedChars + costOf(message) <= this.#budget.maxChars;
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

function spanBefore(upTo: number, after: number): RingSpan {
  return { after: Math.max(0, Math.min(upTo, after)), upTo };
}

function isWhole(seqs: readonly number[], { after, upTo }: RingSpan): boolean {
  return seqs.length === upTo - after && seqs.every((seq, index) => seq === after + index + 1);
}

function newer(message: StoredMessage, other: StoredMessage | undefined): StoredMessage {
  return other !== undefined && other.version > message.version ? other : message;
}

function costOf(message: StoredMessage): number {
  return (message.text?.length ?? 0) * TEXT_COPIES + FIELDS_CHARS;
}
