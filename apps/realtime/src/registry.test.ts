import { newId, type RoomId } from "@ashchat/contracts/ids";
import { describe, expect, it } from "vitest";
import { Registry } from "./registry";
import { someone, someRoom } from "./testing/factories";

interface Socket {
  readonly name: string;
}

function setUp() {
  const registry = new Registry<Socket>();
  const userId = someone();
  const sessionId = newId("ses");
  const join = (name: string, roomId?: RoomId) => {
    const socket = { name };
    registry.add(socket, { userId, sessionId });
    if (roomId !== undefined)
      registry.subscribe(socket, { roomId, joinedSeq: 0, language: "en", isLanguageOwn: false });
    return socket;
  };
  return { registry, userId, sessionId, join };
}

function readersIn(registry: Registry<Socket>, roomId: RoomId): Record<string, string[]> {
  const readers = registry.readersOf(roomId)?.byLanguage ?? [];
  return Object.fromEntries(
    [...readers].map(([language, subs]) => [language, [...subs].map((sub) => sub.connection.name)]),
  );
}

describe("registry", () => {
  it("finds a connection by person, session, and room and language", () => {
    const { registry, userId, sessionId, join } = setUp();
    const roomId = someRoom();
    const phone = join("phone", roomId);
    const laptop = join("laptop", roomId);
    expect([...(registry.ofUser(userId) ?? [])]).toEqual([phone, laptop]);
    expect([...(registry.ofSession(sessionId) ?? [])]).toEqual([phone, laptop]);
    expect(readersIn(registry, roomId)).toEqual({ en: ["phone", "laptop"] });
  });

  it("leaves nothing behind when a connection is removed, and names its rooms", () => {
    const { registry, userId, sessionId, join } = setUp();
    const roomId = someRoom();
    const socket = join("phone", roomId);
    expect(registry.remove(socket)).toEqual([roomId]);
    expect(registry.ofUser(userId)).toBeUndefined();
    expect(registry.ofSession(sessionId)).toBeUndefined();
    expect(registry.readersOf(roomId)).toBeUndefined();
    expect(registry.size).toBe(0);
    expect(registry.remove(socket)).toEqual([]);
  });

  it("moves a reader to another language at once and keeps the others", () => {
    const { registry, join } = setUp();
    const roomId = someRoom();
    const phone = join("phone", roomId);
    join("laptop", roomId);
    const subscription = registry.subscription(phone, roomId);
    if (subscription === undefined) throw new Error("not subscribed");
    registry.setLanguage(subscription, "es", true);
    expect(readersIn(registry, roomId)).toEqual({ en: ["laptop"], es: ["phone"] });
    expect(subscription).toMatchObject({ language: "es", isLanguageOwn: true });
  });

  it("subscribing again replaces, and does not end a pause", () => {
    const { registry, join } = setUp();
    const roomId = someRoom();
    const phone = join("phone", roomId);
    const before = registry.subscription(phone, roomId);
    if (before === undefined) throw new Error("not subscribed");
    before.paused = true;
    const after = registry.subscribe(phone, { roomId, joinedSeq: 7, language: "fr", isLanguageOwn: false });
    expect(after).toMatchObject({ joinedSeq: 7, paused: true });
    expect(readersIn(registry, roomId)).toEqual({ fr: ["phone"] });
    registry.setLanguage(before, "de", false);
    expect(readersIn(registry, roomId)).toEqual({ fr: ["phone"] });
  });

  it("subscribes nobody who is gone", () => {
    const { registry, join } = setUp();
    const roomId = someRoom();
    const phone = join("phone");
    registry.remove(phone);
    expect(registry.subscribe(phone, { roomId, joinedSeq: 0, language: "en", isLanguageOwn: false })).toBeNull();
    expect(registry.readersOf(roomId)).toBeUndefined();
  });
});
