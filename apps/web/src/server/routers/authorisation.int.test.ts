import { newClientId, newId, type RoomId, type UserId } from "@ashchat/contracts/ids";
import * as z from "zod";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { outputOf, type TestBrowser } from "../testing/browser";
import { openTestHouse, type TestHouse } from "../testing/house";
import { appRouter } from ".";

/** What somebody asks of a room that is not theirs. Every procedure that takes a room must stand here. */
const FOREIGN: Readonly<Record<string, (roomId: RoomId, userId: UserId) => object>> = {
  "room.get": (roomId) => ({ roomId }),
  "room.rename": (roomId) => ({ roomId, title: "mine now" }),
  "room.addMember": (roomId, userId) => ({ roomId, userId }),
  "room.removeMember": (roomId, userId) => ({ roomId, userId }),
  "room.leave": (roomId) => ({ roomId }),
  "message.send": (roomId) => ({ roomId, clientId: newClientId(), text: "hello" }),
  "message.history": (roomId) => ({ roomId }),
  "message.edit": (roomId) => ({ roomId, seq: 1, revision: 1, text: "changed" }),
  "message.delete": (roomId) => ({ roomId, seq: 1 }),
  "message.translate": (roomId) => ({ roomId, seqs: [1] }),
  "message.mark": (roomId) => ({ roomId, readSeq: 1 }),
};
/** Asks for many rooms at once and simply leaves out what is foreign. */
const LEAVES_OUT = "message.resume";
const FOR_EVERYBODY = ["account.register", "account.resendCode", "account.confirmEmail"];

const roomSchema = z.object({ room: z.object({ roomId: z.string() }) });

let house: TestHouse;
let stranger: { browser: TestBrowser; userId: UserId };
let removed: { browser: TestBrowser; userId: UserId };
let groupId: RoomId;
let directId: RoomId;
let unknownId: RoomId;

beforeAll(async () => {
  house = await openTestHouse();
  const [ana, ben, eve, rui] = [
    await house.signedIn({ name: "Ana", language: "es" }),
    await house.signedIn({ name: "Ben", language: "en" }),
    await house.signedIn({ name: "Eve", language: "en" }),
    await house.signedIn({ name: "Rui", language: "pt" }),
  ];
  const group = await ana.browser.call("room.createGroup", {
    title: "Ours",
    userIds: [ben.person.userId, rui.person.userId],
  });
  groupId = outputOf(group, roomSchema).room.roomId as RoomId;
  const direct = await ana.browser.call("room.openDirect", { userId: ben.person.userId });
  directId = outputOf(direct, roomSchema).room.roomId as RoomId;
  for (const roomId of [groupId, directId]) {
    outputOf(
      await ana.browser.call("message.send", { roomId, clientId: newClientId(), text: "secreto" }),
      z.object({ seq: z.literal(1) }),
    );
  }
  outputOf(await ana.browser.call("room.removeMember", { roomId: groupId, userId: rui.person.userId }), roomSchema);
  stranger = { browser: eve.browser, userId: eve.person.userId };
  removed = { browser: rui.browser, userId: rui.person.userId };
  unknownId = newId("room");
});
afterAll(() => house.close());

function procedures(): [path: string, input: z.core.JSONSchema.BaseSchema | null][] {
  return Object.entries(appRouter._def.procedures).map(([path, procedure]) => {
    const { inputs } = (procedure as unknown as { _def: { inputs: z.core.$ZodType[] } })._def;
    const [input] = inputs;
    return [path, input === undefined ? null : z.core.toJSONSchema(input, { io: "input", unrepresentable: "any" })];
  });
}

it("the table knows every procedure that takes a room", () => {
  const taking = procedures()
    .filter(([, input]) => JSON.stringify(input ?? {}).includes('"roomId"'))
    .map(([path]) => path);
  expect(taking.toSorted()).toEqual([...Object.keys(FOREIGN), LEAVES_OUT].toSorted());
});

describe.each(Object.entries(FOREIGN))("%s", (path, inputFor) => {
  it("tells a stranger the same of a room that is not theirs as of one that does not exist", async () => {
    const answers = await Promise.all(
      [groupId, directId, unknownId].map((roomId) => stranger.browser.call(path, inputFor(roomId, stranger.userId))),
    );
    for (const answer of answers) expect(answer).toMatchObject({ ok: false, status: 404, code: "not_found" });
    const bodies = answers.map((answer) => (answer.ok ? "" : answer.body));
    expect(new Set(bodies).size).toBe(1);
  });

  it("is closed to who was removed from the room", async () => {
    const answer = await removed.browser.call(path, inputFor(groupId, removed.userId));
    expect(answer).toMatchObject({ ok: false, code: "not_found" });
  });
});

it("resuming leaves out rooms that are not one's own", async () => {
  const cursors = [groupId, directId, unknownId].map((roomId) => ({ roomId, seq: 0, changeSeq: 0 }));
  for (const { browser } of [stranger, removed]) {
    expect(await browser.call(LEAVES_OUT, { cursors })).toMatchObject({ ok: true, output: { pages: [], resync: [] } });
  }
});

it("nothing of what the others wrote was changed by all that", async () => {
  const { messages } = house.services.database.stores;
  for (const roomId of [groupId, directId]) {
    const found = await messages.find(roomId, 1);
    expect(found).toMatchObject({ ok: true, value: { text: "secreto", revision: 1, deletedAt: null } });
    expect(await messages.find(roomId, 2)).toMatchObject({ ok: true, value: null });
  }
});

describe.each(procedures().filter(([path]) => !FOR_EVERYBODY.includes(path)))("without a session %s", (path) => {
  it("is closed, and the database is not asked", async () => {
    const before = house.databaseCalls();
    const input = FOREIGN[path]?.(groupId, stranger.userId) ?? {};
    expect(await house.browser().call(path, input)).toMatchObject({ ok: false, status: 401, code: "not_signed_in" });
    expect(house.databaseCalls()).toBe(before);
  });
});

it("nobody ends another person's session", async () => {
  const listed = await removed.browser.call("account.sessions");
  const [session] = outputOf(listed, z.object({ sessions: z.array(z.object({ sessionId: z.string() })) })).sessions;
  const answer = await stranger.browser.call("account.revokeSession", { sessionId: session?.sessionId });
  expect(answer).toMatchObject({ ok: false, status: 404, code: "not_found" });
  expect(await removed.browser.call("account.me")).toMatchObject({ ok: true });
});
