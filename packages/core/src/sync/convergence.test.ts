import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MessageView } from "@ashchat/contracts/message";
import type { Cursor } from "@ashchat/contracts/message";
import type { History } from "@ashchat/contracts/api";
import type { RoomFrame } from "./apply-frame";
import { applyFrame } from "./apply-frame";
import { applyHistory, applyRoomView, replaceHistory, resizeWindow } from "./apply-history";
import { isTranslationStale } from "./merge-message";
import type { RoomState, Step, SyncEffect } from "./room-state";
import { createRoomState, deliverableSeq, unreadOf } from "./room-state";
import { resumeNow, resumeWhenDue, stopResuming } from "./settle";
import { ModelServer, READER, STEPS_MAX, WRITER } from "./testing/model-server";

type Op =
  | { kind: "send"; own: boolean }
  | { kind: "translate" | "translateForOthers" | "edit" | "delete" | "read"; back: number }
  | {
      kind:
        | "deliver"
        | "drop"
        | "repeat"
        | "swap"
        | "serve"
        | "loadNewest"
        | "arrive"
        | "wait"
        | "reconnect"
        | "refetch";
    }
  | { kind: "loadOlder"; back: number };

const back = fc.oneof(fc.nat({ max: 2 }), fc.nat({ max: 12 }));
/** A room that is all on the device, or one of which it has only the last message (see `createRoomState`). */
const startLength = fc.oneof(fc.nat({ max: 6 }), fc.integer({ min: 101, max: 106 }));
const opArbitrary: fc.Arbitrary<Op> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("send" as const), own: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("translate" as const), back }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("translateForOthers", "edit", "delete", "read"), back }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant("deliver" as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom("drop", "repeat", "swap", "wait", "refetch") }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom("serve", "arrive") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("loadNewest", "reconnect") }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("loadOlder" as const), back }) },
);

/** A device with one socket whose frames a test may lose, repeat and reorder, and with requests that answer late. */
class Device {
  state: RoomState;
  readonly server: ModelServer;
  #now = 0;
  #socket: RoomFrame[] = [];
  #asked: Cursor[] = [];
  #pages: { history: History; replaces: boolean }[] = [];

  constructor(server: ModelServer) {
    this.server = server;
    this.state = resizeWindow(createRoomState(server.room(), READER), 40);
    this.#take(resumeNow(this.state, 0));
  }

  run(op: Op): void {
    switch (op.kind) {
      case "send":
        return this.#hear(this.server.send(op.own ? READER : WRITER));
      case "translate":
      case "translateForOthers":
      case "edit":
      case "delete":
        return this.#hear(this.server[op.kind](this.server.head.seq - op.back));
      case "read":
        return this.#hear(this.server.mark(WRITER, this.server.head.seq - op.back));
      case "deliver":
        return this.#deliver(this.#socket.shift());
      case "drop":
        return void this.#socket.shift();
      case "repeat":
        return void (this.#socket[0] !== undefined && this.#socket.push(this.#socket[0]));
      case "swap":
        return void this.#socket.splice(0, 2, ...this.#socket.slice(0, 2).toReversed());
      case "serve":
        return this.#serve();
      case "loadNewest":
        return void this.#pages.push({ history: this.server.history(), replaces: false });
      case "loadOlder":
        return void this.#pages.push({ history: this.server.history(this.server.head.seq - op.back), replaces: false });
      case "arrive":
        return this.#arrive();
      case "wait":
        return this.#wait(1_000);
      case "reconnect":
        return this.reconnect();
      case "refetch":
        return this.#take(applyRoomView(this.state, this.server.room(), this.#now));
    }
  }

  reconnect(): void {
    this.#socket = [];
    this.#asked = [];
    this.state = stopResuming(this.state, this.#now);
    this.#take(resumeNow(this.state, this.#now));
  }

  /** Delivers and answers everything, without another loss, until nothing is under way. */
  rest(): void {
    this.reconnect();
    for (let step = 0; step < STEPS_MAX; step += 1) {
      if (this.#socket.length + this.#asked.length + this.#pages.length === 0 && this.state.behind === null) return;
      this.run({ kind: "serve" });
      this.run({ kind: "deliver" });
      this.run({ kind: "arrive" });
      this.#wait(500);
    }
    throw new Error("the device did not come to rest");
  }

  #hear(frames: readonly RoomFrame[]): void {
    this.#socket.push(...frames);
  }

  #deliver(frame: RoomFrame | undefined): void {
    if (frame !== undefined) this.#take(applyFrame(this.state, frame, this.#now));
  }

  /** The server reads the next page of the oldest question at this moment. */
  #serve(): void {
    const from = this.#asked.shift();
    if (from === undefined) return;
    const { frame, next } = this.server.resume(from);
    this.#socket.push(frame);
    if (next !== null) this.#asked.unshift(next);
  }

  #arrive(): void {
    const page = this.#pages.shift();
    if (page === undefined) return;
    const apply = page.replaces ? replaceHistory : applyHistory;
    this.#take(apply(this.state, page.history, this.#now));
  }

  #wait(ms: number): void {
    this.#now += ms;
    this.#take(resumeWhenDue(this.state, this.#now));
  }

  #take(step: Step): void {
    this.state = step.state;
    expectInvariants(this.state);
    for (const effect of step.effects) this.#run(effect);
  }

  #run(effect: SyncEffect): void {
    if (effect.kind === "refetch") this.run({ kind: "refetch" });
    if (effect.kind === "resume") this.#asked.push(effect.cursor);
    if (effect.kind === "reload") this.#pages.push({ history: this.server.history(), replaces: true });
  }
}

function expectInvariants(state: RoomState): void {
  for (const window of [state.messages, state.detached ?? []]) {
    window.forEach((message, index) => expect(message.seq).toBe((window[0]?.seq ?? 0) + index));
  }
  if (state.messages.length > 0) expect(state.messages.at(-1)?.seq).toBe(state.cursor.seq);
  expect(state.head).toBeGreaterThanOrEqual(state.cursor.seq);
  expect(state.messages.length).toBeLessThanOrEqual(1_000);
  expect(deliverableSeq(state)).toBeLessThanOrEqual(Math.max(state.cursor.seq, state.own.deliveredSeq));
}

/** A translation that is unfinished or of an older text is the same to a reader as none. */
function shown(message: MessageView | null | undefined): MessageView | null {
  if (message === null || message === undefined) return null;
  const isUnfinished = isTranslationStale(message) || message.translation?.status === "pending";
  return { ...message, version: 0, translation: isUnfinished ? null : message.translation };
}

/** All that the device shows, and what a fetch of the same would show. */
function shownBy({ state }: Device) {
  return {
    cursor: state.cursor,
    held: state.held,
    messages: [...state.messages, ...(state.detached ?? [])].map(shown),
    lastMessage: shown(state.lastMessage),
    unread: unreadOf(state),
  };
}

function fetchedFresh({ state, server }: Device): ReturnType<typeof shownBy> {
  const fresh = createRoomState(server.room(), READER);
  const seqs = [...state.messages, ...(state.detached ?? [])].map((message) => message.seq);
  return {
    cursor: server.head,
    held: { messages: [], changes: [] },
    messages: seqs.map((seq) => shown(server.message(seq))),
    lastMessage: shown(fresh.lastMessage),
    unread: unreadOf(fresh),
  };
}

function serverWith(messages: number): ModelServer {
  const server = new ModelServer(1_000);
  for (let sent = 0; sent < messages; sent += 1) server.send(WRITER);
  return server;
}

/** Far above what the runs take: a loaded machine must not fail them. */
const TIMEOUT_MS = 60_000;

describe("P15: applying the events to the old state equals a fresh fetch", { timeout: TIMEOUT_MS }, () => {
  const script = fc.array(opArbitrary, { minLength: 20, maxLength: 120 });

  it("after any interleaving of losses, repeats, reorderings, history pages and reconnects", () => {
    fc.assert(
      fc.property(script, startLength, (ops, length) => {
        const server = serverWith(length);
        const device = new Device(server);
        for (const op of ops) device.run(op);
        device.rest();
        expect(shownBy(device)).toEqual(fetchedFresh(device));
      }),
      { numRuns: 250 },
    );
  });

  it("also where gaps are so large that the server answers resync", () => {
    fc.assert(
      fc.property(script, (ops) => {
        const device = new Device(new ModelServer(4));
        for (const op of ops) device.run(op);
        device.rest();
        expect(shownBy(device)).toEqual(fetchedFresh(device));
      }),
      { numRuns: 100 },
    );
  });

  it("for two devices that heard different things: they show the same", () => {
    fc.assert(
      fc.property(script, script, startLength, (first, second, length) => {
        const server = serverWith(length);
        const devices = [new Device(server), new Device(server)];
        first.forEach((op) => devices[0]?.run(op));
        second.forEach((op) => devices[1]?.run(op));
        for (const device of devices) device.rest();
        for (const device of devices) expect(shownBy(device)).toEqual(fetchedFresh(device));
      }),
      { numRuns: 100 },
    );
  });

  it("for every frame twice as for every frame once", () => {
    fc.assert(
      fc.property(fc.array(opArbitrary, { maxLength: 60 }), (ops) => {
        const server = new ModelServer(1_000);
        const frames: RoomFrame[] = [];
        const start = createRoomState(server.room(), READER);
        for (const op of ops) {
          if (op.kind === "send") frames.push(...server.send(op.own ? READER : WRITER));
          if (op.kind === "translate" || op.kind === "edit" || op.kind === "delete") {
            frames.push(...server[op.kind](server.head.seq - op.back));
          }
        }
        const play = (heard: readonly RoomFrame[]) =>
          heard.reduce((state, frame) => applyFrame(state, frame, 0).state, start);
        expect(play(frames.flatMap((frame) => [frame, frame]))).toEqual(play(frames));
      }),
      { numRuns: 100 },
    );
  });
});
