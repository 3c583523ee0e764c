import type { StoredMessage } from "@ashchat/contracts/announcements";
import { appError } from "@ashchat/contracts/errors";
import { fail, ok } from "@ashchat/contracts/result";
import { RoomFeed, type FeedLimits, type LoggedChange } from "../room-feed";
import { aMessage, aTranslation, failTest, someRoom } from "./factories";

/**
 * A room's logs in memory, a clock that is moved by hand, and a feed on top. `reads` decides whether a read answers.
 */
export interface SimulatedRoom {
  readonly feed: RoomFeed;
  readonly messages: StoredMessage[];
  readonly changes: LoggedChange[];
  /** What the feed fanned out, in order: "m1", "c1", … and "jump". */
  readonly fannedOut: string[];
  readonly memberChecks: (number | null)[];
  membersVersion: number;
  reads: () => boolean;
  readCount: number;
  writeMessage(): StoredMessage;
  writeChange(messageSeq: number): LoggedChange;
  /** Lets time pass until nothing is waiting any more. */
  settle(): Promise<void>;
}

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

/** More than any hole takes to be read, retried and forgotten. */
const TURNS_MAX = 2_000;

export function simulateRoom(limits: FeedLimits, start = { seq: 0, changeSeq: 0 }): SimulatedRoom {
  const roomId = someRoom();
  const timers = new Set<Timer>();
  let now = 0;
  let readsInFlight = 0;
  const unavailable = () => fail(appError("unavailable", "simulated"));

  const room: Omit<SimulatedRoom, "feed"> = {
    messages: [],
    changes: [],
    fannedOut: [],
    memberChecks: [],
    membersVersion: 1,
    reads: () => true,
    readCount: 0,
    writeMessage() {
      const message = aMessage({ roomId, seq: room.messages.length + 1 });
      room.messages.push(message);
      return message;
    },
    writeChange(messageSeq) {
      const message = room.messages[messageSeq - 1];
      if (message === undefined) throw new Error(`no message ${messageSeq}`);
      const logged = aTranslation(message, "es", room.changes.length + 1);
      room.messages[messageSeq - 1] = logged.message;
      room.changes.push(logged);
      return logged;
    },
    async settle() {
      for (let turn = 0; turn < TURNS_MAX; turn += 1) {
        await new Promise(setImmediate);
        if (readsInFlight > 0) continue;
        const [next] = [...timers].sort((left, right) => left.at - right.at);
        if (next === undefined) return;
        timers.delete(next);
        now = Math.max(now, next.at);
        next.task();
      }
      throw new Error("the feed never comes to rest");
    },
  };

  async function read<Value>(answer: () => Value) {
    room.readCount += 1;
    readsInFlight += 1;
    await new Promise(setImmediate);
    readsInFlight -= 1;
    return room.reads() ? ok(answer()) : unavailable();
  }

  const feed = new RoomFeed(
    {
      onMessage: (message) => room.fannedOut.push(`m${message.seq}`),
      onChange: ({ change }) => room.fannedOut.push(`c${change.seq}`),
      onJump: () => room.fannedOut.push("jump"),
      readMessages: (after) => read(() => room.messages.slice(after, after + limits.gapReadMessages)),
      readChanges: (after) => read(() => room.changes.slice(after, after + limits.gapReadMessages)),
      readHeads: () => read(() => ({ seq: room.messages.length, changeSeq: room.changes.length })),
      checkMembers: (atLeast) => {
        room.memberChecks.push(atLeast);
        return read(() => Math.max(room.membersVersion, atLeast ?? 0));
      },
      onError: failTest,
      later(delayMs, task) {
        const timer = { at: now + delayMs, task };
        timers.add(timer);
        return () => timers.delete(timer);
      },
    },
    limits,
  );
  feed.start(start, 1);
  return Object.assign(room, { feed });
}
