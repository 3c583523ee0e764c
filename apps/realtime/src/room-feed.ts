import type { StoredChange, StoredMessage } from "@ashchat/contracts/announcements";
import type { Cursor } from "@ashchat/contracts/message";
import type { Outcome } from "@ashchat/core/ports";

/**
 * What this node has fanned out of one room: messages and changes, each in order, without a hole and once.
 *
 * Announcements come late, twice, out of order or not at all. What is next is fanned out at once; what lies beyond is
 * held, and where a hole stays for `gapGraceMs` it is read from the logs, one read in flight.
 *
 * Rules:
 * - `head` and `changeHead` grow by one per fan-out, except for a jump (hole > `resumeGapMax`: readers fetch again).
 * - A change waits until its message has been fanned out.
 * - Whatever was announced under a newer list of members waits until that list has been read (`checkMembers`);
 *   what was read from the logs waits until the list has been read after it.
 * - Before `start` everything is held: the room is followed before its heads are read, so nothing falls between.
 * - A head that was announced but cannot be found is forgotten after `GAP_TRIES_MAX` reads; the audit finds it again.
 */
export interface LoggedChange {
  readonly change: StoredChange;
  /** The message in its current state. */
  readonly message: StoredMessage;
}

export interface FeedPorts {
  onMessage(message: StoredMessage): void;
  onChange(logged: LoggedChange): void;
  /** The hole was too large to be read: everything up to the new heads was skipped. */
  onJump(): void;
  /** Ascending, from `after` + 1 on, at most a page. */
  readMessages(after: number): Outcome<StoredMessage[]>;
  readChanges(after: number): Outcome<LoggedChange[]>;
  readHeads(): Outcome<Cursor>;
  /** Brings the readers up to `atLeast` (null: up to what is stored now) and returns the version that they have. */
  checkMembers(atLeast: number | null): Outcome<number>;
  onError(error: unknown, what: string): void;
  /** Runs `task` once after `delayMs`; returns how to cancel it. */
  later(delayMs: number, task: () => void): () => void;
}

export interface FeedLimits {
  readonly gapGraceMs: number;
  readonly gapReadMessages: number;
  readonly resumeGapMax: number;
  readonly heldAnnouncementsMax: number;
}

interface Held<Value> {
  readonly value: Value;
  readonly membersVersion: number;
}

const GAP_TRIES_MAX = 6;
const GAP_RETRY_FIRST_MS = 50;
const GAP_RETRY_MAX_MS = 5_000;

type ReadOutcome = "progress" | "nothing" | "failed";

export class RoomFeed {
  readonly #ports: FeedPorts;
  readonly #limits: FeedLimits;
  readonly #messages = new Map<number, Held<StoredMessage>>();
  readonly #changes = new Map<number, Held<LoggedChange>>();
  #head = 0;
  #changeHead = 0;
  #knownHead = 0;
  #knownChangeHead = 0;
  #membersVersion = 0;
  #state: "starting" | "live" | "closed" = "starting";
  #reading = false;
  #checking = false;
  #cancelTimer: (() => void) | null = null;
  #timerHead = 0;
  #timerChangeHead = 0;
  #tries = 0;

  constructor(ports: FeedPorts, limits: FeedLimits) {
    this.#ports = ports;
    this.#limits = limits;
  }

  /** The last message that was fanned out. */
  get head(): number {
    return this.#head;
  }

  get changeHead(): number {
    return this.#changeHead;
  }

  get isBehind(): boolean {
    return this.#knownHead > this.#head || this.#knownChangeHead > this.#changeHead;
  }

  start(heads: Cursor, membersVersion: number): void {
    if (this.#state !== "starting") return;
    this.#state = "live";
    this.#membersVersion = membersVersion;
    this.#moveTo(heads);
    this.#drain();
  }

  close(): void {
    this.#state = "closed";
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#messages.clear();
    this.#changes.clear();
  }

  /** The readers are now those of `membersVersion` or a newer one. */
  membersChecked(membersVersion: number): void {
    this.#membersVersion = Math.max(this.#membersVersion, membersVersion);
    this.#drain();
  }

  offerMessage(message: StoredMessage, membersVersion: number): void {
    if (message.seq <= this.#head) return;
    this.#knownHead = Math.max(this.#knownHead, message.seq);
    this.#hold(this.#messages, message.seq, { value: message, membersVersion });
    this.#drain();
  }

  offerChange(logged: LoggedChange, membersVersion: number): void {
    const { change, message } = logged;
    if (change.seq <= this.#changeHead) return;
    this.#knownChangeHead = Math.max(this.#knownChangeHead, change.seq);
    this.#knownHead = Math.max(this.#knownHead, message.seq);
    this.#hold(this.#changes, change.seq, { value: logged, membersVersion });
    this.#drain();
  }

  /** The room has come at least this far. */
  noteHeads(heads: Cursor): void {
    this.#knownHead = Math.max(this.#knownHead, heads.seq);
    this.#knownChangeHead = Math.max(this.#knownChangeHead, heads.changeSeq);
    this.#drain();
  }

  #hold<Value>(held: Map<number, Held<Value>>, seq: number, entry: Held<Value>): void {
    const next = held === this.#changes ? this.#changeHead : this.#head;
    const isNear = seq <= next + this.#limits.gapReadMessages;
    // What is not kept is known by the heads and will be read.
    if (held.size < this.#limits.heldAnnouncementsMax || isNear) held.set(seq, entry);
  }

  #drain(): void {
    if (this.#state !== "live") return;
    while (!this.#checking && (this.#drainMessage() || this.#drainChange()));
    this.#watchGap();
  }

  #drainMessage(): boolean {
    const held = this.#messages.get(this.#head + 1);
    if (held === undefined || !this.#mayFanOut(held)) return false;
    this.#head += 1;
    this.#messages.delete(this.#head);
    this.#ports.onMessage(held.value);
    return true;
  }

  #drainChange(): boolean {
    const held = this.#changes.get(this.#changeHead + 1);
    if (held === undefined || held.value.message.seq > this.#head || !this.#mayFanOut(held)) return false;
    this.#changeHead += 1;
    this.#changes.delete(this.#changeHead);
    this.#ports.onChange(held.value);
    return true;
  }

  #mayFanOut(held: Held<unknown>): boolean {
    if (held.membersVersion <= this.#membersVersion) return true;
    this.#checking = true;
    void this.#checkMembers(held.membersVersion);
    return false;
  }

  async #checkMembers(atLeast: number): Promise<void> {
    const checked = await this.#ports.checkMembers(atLeast).catch((error: unknown) => {
      this.#ports.onError(error, "checking the members of a room");
      return null;
    });
    this.#checking = false;
    if (checked?.ok === true) {
      this.membersChecked(checked.value);
      return;
    }
    this.#tries += 1;
    this.#arm(this.#retryMs());
  }

  #watchGap(): void {
    if (!this.isBehind) {
      this.#cancelTimer?.();
      this.#cancelTimer = null;
      this.#tries = 0;
      return;
    }
    if (this.#cancelTimer === null && !this.#reading && !this.#checking) this.#arm(this.#limits.gapGraceMs);
  }

  #arm(delayMs: number): void {
    this.#cancelTimer?.();
    this.#timerHead = this.#head;
    this.#timerChangeHead = this.#changeHead;
    this.#cancelTimer = this.#state === "live" ? this.#ports.later(delayMs, () => this.#onTimer()) : null;
  }

  #onTimer(): void {
    this.#cancelTimer = null;
    const isStuck =
      (this.#knownHead > this.#head && this.#head === this.#timerHead) ||
      (this.#knownChangeHead > this.#changeHead && this.#changeHead === this.#timerChangeHead);
    // A hole that closed while another one opened: the new one gets its own time.
    if (!isStuck || this.#reading) this.#drain();
    else void this.#readGap();
  }

  async #readGap(): Promise<void> {
    this.#reading = true;
    const outcome = await this.#readOnce().catch((error: unknown): ReadOutcome => {
      this.#ports.onError(error, "reading a hole");
      return "failed";
    });
    this.#reading = false;
    if (this.#state !== "live") return;
    if (outcome === "nothing" && this.#tries >= GAP_TRIES_MAX) this.#forgetUnfound();
    this.#tries = outcome === "progress" ? 0 : this.#tries + 1;
    this.#drain();
    if (this.isBehind && !this.#checking) this.#arm(outcome === "progress" ? 0 : this.#retryMs());
  }

  async #readOnce(): Promise<ReadOutcome> {
    const from = { seq: this.#head, changeSeq: this.#changeHead };
    if (this.#knownHead - from.seq > this.#limits.resumeGapMax) return await this.#jump();
    if (this.#knownChangeHead - from.changeSeq > this.#limits.resumeGapMax) return await this.#jump();
    const messages = this.#knownHead > from.seq ? await this.#ports.readMessages(from.seq) : null;
    if (messages?.ok === false) return "failed";
    const changes = this.#knownChangeHead > from.changeSeq ? await this.#ports.readChanges(from.changeSeq) : null;
    if (changes?.ok === false) return "failed";
    // After the logs: whoever was removed before one of these was written is gone from the list that is read now.
    const checked = await this.#ports.checkMembers(null);
    if (!checked.ok) return "failed";
    if (this.#state !== "live") return "nothing";
    this.#membersVersion = Math.max(this.#membersVersion, checked.value);
    const membersVersion = checked.value;
    for (const value of messages?.value ?? []) this.offerMessage(value, membersVersion);
    for (const value of changes?.value ?? []) this.offerChange(value, membersVersion);
    return this.#head > from.seq || this.#changeHead > from.changeSeq ? "progress" : "nothing";
  }

  async #jump(): Promise<ReadOutcome> {
    const heads = await this.#ports.readHeads();
    if (!heads.ok) return "failed";
    if (this.#state !== "live") return "nothing";
    this.#moveTo(heads.value);
    this.#ports.onJump();
    return "progress";
  }

  #moveTo(heads: Cursor): void {
    this.#head = Math.max(this.#head, heads.seq);
    this.#changeHead = Math.max(this.#changeHead, heads.changeSeq);
    this.#knownHead = Math.max(this.#knownHead, this.#head);
    this.#knownChangeHead = Math.max(this.#knownChangeHead, this.#changeHead);
    for (const seq of this.#messages.keys()) if (seq <= this.#head) this.#messages.delete(seq);
    for (const seq of this.#changes.keys()) if (seq <= this.#changeHead) this.#changes.delete(seq);
  }

  #forgetUnfound(): void {
    if (!this.#messages.has(this.#head + 1)) {
      this.#knownHead = this.#head;
      this.#messages.clear();
    }
    if (!this.#changes.has(this.#changeHead + 1) || this.#knownHead === this.#head) {
      this.#knownChangeHead = this.#changeHead;
      this.#changes.clear();
    }
  }

  #retryMs(): number {
    return Math.min(GAP_RETRY_MAX_MS, GAP_RETRY_FIRST_MS * 2 ** Math.min(this.#tries, GAP_TRIES_MAX));
  }
}
