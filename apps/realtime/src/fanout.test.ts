import type { RoomId, UserId } from "@ashchat/contracts/ids";
import { newId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import { serverFrameSchema, type ServerFrame } from "@ashchat/contracts/realtime";
import { describe, expect, it } from "vitest";
import { fanChange, fanFrame, fanMessage, Relevance } from "./fanout";
import { Registry } from "./registry";
import { aChange, aMessage, aTranslation, someone, someRoom } from "./testing/factories";

const HEADER_BYTES_MAX = 10;

/** Remembers the very buffers that it was given. */
class Reader {
  readonly buffers: Buffer[] = [];
  readonly ephemeral: Buffer[] = [];
  push(frame: Buffer): void {
    this.buffers.push(frame);
  }
  pushEphemeral(frame: Buffer): void {
    this.ephemeral.push(frame);
  }
  get frames(): ServerFrame[] {
    return this.buffers.map((buffer) => decode(buffer));
  }
}

function decode(buffer: Buffer): ServerFrame {
  const text = buffer.toString();
  const start = text.slice(0, HEADER_BYTES_MAX + 1).indexOf("{");
  return serverFrameSchema.parse(JSON.parse(text.slice(start)));
}

function aRoom() {
  const registry = new Registry<Reader>();
  const roomId: RoomId = someRoom();
  const join = (
    language: Language,
    { userId = someone(), joinedSeq = 0 }: { userId?: UserId; joinedSeq?: number } = {},
  ) => {
    const reader = new Reader();
    registry.add(reader, { userId, sessionId: newId("ses") });
    const subscription = registry.subscribe(reader, { roomId, joinedSeq, language, isLanguageOwn: false });
    if (subscription === null) throw new Error("not subscribed");
    return { reader, subscription };
  };
  return { roomId, join, readers: () => registry.readersOf(roomId) };
}

describe("fan-out of a message", () => {
  it("is one frame for all readers, whatever they read, and holds the original alone", () => {
    const { roomId, join, readers } = aRoom();
    const all = [join("en"), join("en"), join("es"), join("fr")].map(({ reader }) => reader);
    const message = aTranslation(aMessage({ roomId }), "es", 1).message;
    expect(fanMessage(readers(), message)).toBe(4);
    expect(new Set(all.flatMap((reader) => reader.buffers)).size).toBe(1);
    expect(all[2]?.frames).toMatchObject([{ t: "message", message: { text: "message 1", translation: null } }]);
  });

  it("leaves out who joined after it and who is resuming", () => {
    const { roomId, join, readers } = aRoom();
    const late = join("en", { joinedSeq: 5 });
    const resuming = join("en");
    resuming.subscription.paused = true;
    const present = join("en");
    expect(fanMessage(readers(), aMessage({ roomId, seq: 5 }))).toBe(1);
    expect([late, resuming, present].map(({ reader }) => reader.buffers.length)).toEqual([0, 0, 1]);
    expect(fanMessage(readers(), aMessage({ roomId, seq: 6 }))).toBe(2);
  });

  it("without readers does nothing", () => {
    expect(fanMessage(undefined, aMessage())).toBe(0);
  });
});

describe("fan-out of a change", () => {
  it("a translation is one frame for the readers of its language and nothing for the others", () => {
    const { roomId, join, readers } = aRoom();
    const [one, two, other] = [join("es"), join("es"), join("fr")];
    const relevance = new Relevance(0);
    expect(fanChange(readers(), relevance, aTranslation(aMessage({ roomId }), "es", 1))).toBe(2);
    expect(one.reader.buffers[0]).toBe(two.reader.buffers[0]);
    expect(one.reader.frames).toMatchObject([{ t: "change", message: { translation: { text: "in es" } } }]);
    expect(other.reader.buffers).toEqual([]);
  });

  it("its author learns that the log went on, but gets no translation", () => {
    const { roomId, join, readers } = aRoom();
    const message = aMessage({ roomId });
    const author = join("es", { userId: message.senderId });
    const reader = join("es");
    fanChange(readers(), new Relevance(0), aTranslation(message, "es", 1));
    expect(author.reader.frames).toMatchObject([{ since: 0, seq: 1, message: { translation: null } }]);
    expect(reader.reader.frames).toMatchObject([{ since: 0, seq: 1, message: { translation: { text: "in es" } } }]);
  });

  it("an edit is one frame for readers who are equally far, and reaches every language", () => {
    const { roomId, join, readers } = aRoom();
    const [english, spanish, french] = [join("en"), join("es"), join("fr")];
    const relevance = new Relevance(0);
    const message = aMessage({ roomId });
    fanChange(readers(), relevance, aTranslation(message, "es", 1));
    const change = aChange({ roomId, seq: 2, kind: "edited", language: null });
    expect(fanChange(readers(), relevance, { change, message: { ...message, version: 3 } })).toBe(3);
    expect(english.reader.buffers[0]).toBe(french.reader.buffers[0]);
    expect(english.reader.frames).toMatchObject([{ since: 0, seq: 2 }]);
    expect(spanish.reader.frames).toMatchObject([{ seq: 1 }, { since: 1, seq: 2 }]);
  });

  it("since is the last change that concerned the language, never before what the node knows", () => {
    const relevance = new Relevance(7);
    expect(relevance.since("es")).toBe(7);
    relevance.note(aChange({ seq: 8, language: "es" }));
    relevance.note(aChange({ seq: 9, language: "fr" }));
    expect([relevance.since("es"), relevance.since("fr"), relevance.since("en")]).toEqual([8, 9, 7]);
    relevance.note(aChange({ seq: 10, kind: "deleted", language: null }));
    expect([relevance.since("es"), relevance.since("fr"), relevance.since("en")]).toEqual([10, 10, 10]);
  });
});

describe("fan-out of signs", () => {
  it("typing is ephemeral and does not come back to the typist", () => {
    const { roomId, join, readers } = aRoom();
    const userId = someone();
    const [typist, reader] = [join("en", { userId }), join("en")];
    fanFrame(readers(), { t: "typing", roomId, userId }, { exceptUserId: userId, isEphemeral: true });
    expect(typist.reader.ephemeral).toEqual([]);
    expect(reader.reader.ephemeral).toHaveLength(1);
    expect(reader.reader.buffers).toEqual([]);
  });
});
