import type { RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { CLOSE_CODES, sendFrameSchema, type ServerFrame } from "@ashchat/contracts/realtime";
import { must } from "@ashchat/db/testing";
import { openClient, type Client } from "@ashchat/realtime/testing/client";
import { waitFor } from "@ashchat/runtime/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connect } from "../house/bystanders";
import { openHouse, type OpenHouse, type Person } from "../house/open-house";
import { tell } from "../tell";
import { fieldNames, spoiltFrames, type SpoiltFrame } from "./spoil";

/** Good frames whose text is not one: refused by the room, not as frames. */
const REFUSED_TEXTS: Readonly<Record<string, string>> = {
  empty: "text_empty",
  "white space": "text_empty",
  "too long": "text_too_long",
  "a control character": "text_control_characters",
  "half a character": "text_malformed",
};
const isText = ({ t, field, how }: SpoiltFrame) => t === "send" && field === "text" && how in REFUSED_TEXTS;
/** Who is there comes and goes by itself. */
const UNASKED: readonly ServerFrame["t"][] = ["presence", "receipts"];
const AT_A_TIME = 6;
/** Many, so that the bound of frames a person may send answers in place of nothing. */
const ATTACKERS = 30;

let house: OpenHouse;
let ana: Person;
let attackers: Person[];
let roomId: RoomId;

beforeAll(async () => {
  house = await openHouse();
  ana = await house.person();
  attackers = await house.people(ATTACKERS);
  roomId = await house.group(ana.userId, ...attackers.map(({ userId }) => userId));
});
afterAll(() => house.close());

it("every field of every frame is spoilt in several ways", () => {
  const spoilt = spoiltFrames(roomId);
  const perField = fieldNames().map((name) => {
    const [t = "", ...path] = name.split(".");
    return { name, ways: spoilt.filter((one) => one.t === t && one.field === path.join(".")).length };
  });
  expect(perField.filter(({ ways }) => ways < 8)).toEqual([]);
  tell(`${fieldNames().length} places of frames, spoilt in ${spoilt.length} ways`);
});

it("before the ticket a spoilt frame closes the socket as malformed, and nothing is answered", async () => {
  await inParallel(spoiltFrames(roomId), async (spoilt) => {
    const client = await openClient({ port: portOf(house.realtimeUrl), origin: house.webUrl });
    client.sendRaw(spoilt.json);
    const code = await client.closed();
    const expected = isText(spoilt) ? CLOSE_CODES.ticketRefused : CLOSE_CODES.malformed;
    expect({ ...named(spoilt), code, frames: client.frames }).toEqual({ ...named(spoilt), code: expected, frames: [] });
  });
});

it("signed in a spoilt frame is answered as malformed and the third closes; nobody hears of it, and nothing is stored", async () => {
  const witness = await connect(house, ana);
  const before = await stored();
  const malformed = spoiltFrames(roomId).filter((spoilt) => !isText(spoilt));
  const sockets = partsOf(malformed, LIMITS.malformedFramesMax);
  await inParallel(sockets, async (three, turn) => {
    const attacker = attackerNumber(turn);
    const client = await connect(house, attacker);
    for (const [index, spoilt] of three.entries()) {
      const isLast = index === LIMITS.malformedFramesMax - 1;
      const answers = await answersTo(client, spoilt.json);
      const answer = {
        t: "error",
        code: "frame_malformed",
        retryable: false,
        retryAfterMs: null,
        ref: null,
        roomId: null,
      };
      const expected = isLast ? [answer] : [answer, { t: "pong" }];
      expect({ ...named(spoilt), answers }).toEqual({ ...named(spoilt), answers: expected });
      if (isLast) expect(await client.closed()).toBe(CLOSE_CODES.malformed);
    }
    client.terminate();
  });
  expect(await answersTo(witness, PING)).toEqual([{ t: "pong" }]);
  expect(heard(witness.frames)).toEqual([{ t: "pong" }]);
  expect(await stored()).toEqual(before);
  witness.terminate();
});

it("a text that is none is refused by its code and its sender's id, and not stored", async () => {
  const before = await stored();
  const texts = spoiltFrames(roomId).filter(isText);
  expect(texts.map(({ how }) => how).toSorted()).toEqual(Object.keys(REFUSED_TEXTS).toSorted());
  const client = await connect(house, attackerNumber(0));
  for (const { json, how } of texts) {
    const { clientId } = sendFrameSchema.parse(JSON.parse(json));
    client.frames.length = 0;
    client.sendRaw(json);
    const refusal = await client.next("error", ({ ref }) => ref === clientId);
    expect(refusal).toMatchObject({ code: REFUSED_TEXTS[how], retryable: false, roomId });
  }
  client.terminate();
  expect(await stored()).toEqual(before);
});

it("the largest position that there is gets an answer, and is kept as no more than the room has", async () => {
  const seq = Number.MAX_SAFE_INTEGER;
  const [attacker, client] = [attackerNumber(1), await connect(house, attackerNumber(1))];
  for (const cursor of [
    { seq, changeSeq: 0 },
    { seq: 0, changeSeq: seq },
    { seq, changeSeq: seq },
  ]) {
    client.send({ t: "resume", cursors: [{ roomId, ...cursor }] });
    expect(await client.next("resync")).toEqual({ t: "resync", roomId });
    client.frames.length = 0;
  }
  for (const t of ["delivered", "read"] as const) client.send({ t, roomId, seq });
  expect(await answersTo(client, PING)).toEqual([{ t: "pong" }]);
  const clientId = client.say(roomId, "still here");
  const { seq: head } = await client.next("ack", (ack) => ack.clientId === clientId);
  for (const t of ["delivered", "read"] as const) client.send({ t, roomId, seq });
  const marks = async () => must(await house.stores.memberships.find(roomId, attacker.userId));
  await waitFor(async () => (await marks())?.readSeq === head);
  expect(await marks()).toMatchObject({ deliveredSeq: head, readSeq: head });
  client.terminate();
});

const PING = JSON.stringify({ t: "ping" });
const named = ({ t, field, how }: SpoiltFrame) => ({ frame: t, field, how });
const portOf = (url: string) => Number(new URL(url).port);
const heard = (frames: readonly ServerFrame[]) => frames.filter(({ t }) => !UNASKED.includes(t));

function attackerNumber(turn: number): Person {
  const attacker = attackers[turn % ATTACKERS];
  if (attacker === undefined) throw new Error("nobody attacks");
  return attacker;
}

/** Everything that comes before the answer to a ping, or before the close. */
async function answersTo(client: Client, json: string): Promise<ServerFrame[]> {
  client.frames.length = 0;
  client.sendRaw(json);
  if (json !== PING) client.send({ t: "ping" });
  await waitFor(() => client.closeCode() !== null || client.all("pong").length > 0, { what: "an answer" });
  return heard(client.frames);
}

/** All that the house keeps of the room. */
async function stored(): Promise<unknown> {
  const { rooms, memberships, messages } = house.stores;
  return {
    rooms: must(await rooms.findMany([roomId])),
    members: must(await memberships.listByRoom(roomId)),
    messages: must(await messages.page({ roomId, after: 0, before: null, limit: 10, newest: false })),
    heads: must(await messages.heads([roomId])),
  };
}

function partsOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}

async function inParallel<Item>(items: readonly Item[], run: (item: Item, turn: number) => Promise<void>) {
  for (const part of partsOf([...items.entries()], AT_A_TIME)) {
    await Promise.all(part.map(([turn, item]) => run(item, turn)));
  }
}
