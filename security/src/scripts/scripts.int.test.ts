import { LIMITS } from "@ashchat/contracts/limits";
import { newClientId, type RoomId } from "@ashchat/contracts/ids";
import { codePoints, normalizeText, textProblem } from "@ashchat/contracts/text";
import { makePerson } from "@ashchat/db/testing";
import { openClient, type Client } from "@ashchat/realtime/testing/client";
import { PROTOCOL_VERSION } from "@ashchat/contracts/realtime";
import { waitFor } from "@ashchat/runtime/testing";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call } from "../house/call";
import { openHouse, type OpenHouse, type Person } from "../house/open-house";
import { askForPayload } from "../house/payload-engine";
import { cases } from "../profile";
import { CORPUS } from "./corpus";
import type { Payload } from "./corpus/payload";
import { closeAll, NOTHING, noticed, openBrowser, openScreens, type Screen } from "./screens";
import { read } from "./reading";

/** Shown on two screens before the next are sent: the list draws what is in sight. */
const BATCH = 30;
const SHOWN_MS = 30_000;
const TYPING_EVERY_MS = LIMITS.typingIntervalMs;
const ACCEPTED = CORPUS.filter(({ text }) => textProblem(normalizeText(text)) === null);
const REFUSED = CORPUS.filter(({ text }) => textProblem(normalizeText(text)) !== null);

let house: OpenHouse;
let browser: Browser;

beforeAll(async () => {
  house = await openHouse();
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await house?.close();
});

/** Somebody who reads German, which nobody here writes, in an interface in English. */
async function newReader(): Promise<Person> {
  return house.session((await makePerson(house.stores, { name: "Rea", language: "de" })).userId);
}

async function newWriter(): Promise<Person> {
  return house.session((await makePerson(house.stores, { name: "Wim", language: "it" })).userId);
}

const sendAs = async (writer: Person, roomId: RoomId, text: string) =>
  call(house, "message.send", { input: { roomId, clientId: newClientId(), text }, cookie: writer.cookie });

/** Opens a room for its reader, policy on and off. */
async function openRoom(reader: Person, path: string): Promise<Screen[]> {
  const screens = await openScreens(browser, house, reader.cookie);
  await Promise.all(
    screens.map(async ({ page }) => {
      await page.goto(`${house.webUrl}${path}`);
      await page.getByRole("heading", { level: 1 }).last().waitFor();
    }),
  );
  return screens;
}

async function untilShown(screens: readonly Screen[], texts: readonly string[]): Promise<void> {
  for (const { page, policy } of screens) {
    const missing = async () => {
      const shown = new Set((await read(page)).messages);
      return texts.filter((text) => !shown.has(text));
    };
    const what = "every text as it was written";
    await waitFor(async () => (await missing()).length === 0, { deadlineMs: SHOWN_MS, everyMs: 200, what }).catch(
      async () => expect(await missing(), `not shown, policy ${policy}`).toEqual([]),
    );
  }
}

function batchesOf<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / BATCH) }, (_, n) => items.slice(n * BATCH, (n + 1) * BATCH));
}

/** Of every family some: the short profile's share. */
function share(payloads: readonly Payload[], count: number): Payload[] {
  const step = Math.max(1, payloads.length / count);
  return Array.from({ length: Math.min(count, payloads.length) }, (_, n) => payloads[Math.floor(n * step)]).filter(
    (payload) => payload !== undefined,
  );
}

async function expectNothing(screens: readonly Screen[]): Promise<void> {
  for (const { page } of screens) expect((await read(page)).intruders).toEqual([]);
  expect(await noticed(screens)).toEqual(NOTHING);
}

describe("a text of a message", () => {
  it("is shown as it was written and runs nothing, with the policy and without it", async () => {
    const [reader, writer] = [await newReader(), await newWriter()];
    const roomId = await house.direct(reader.userId, writer.userId);
    const screens = await openRoom(reader, `/chat/${roomId}`);
    const payloads = share(ACCEPTED, cases({ short: 45, full: ACCEPTED.length }));
    for (const batch of batchesOf(payloads)) {
      const texts = batch.map(({ text }) => normalizeText(text));
      const answers = await Promise.all(texts.map((text) => sendAs(writer, roomId, text)));
      expect(answers.map(({ code }) => code)).toEqual(texts.map(() => null));
      await untilShown(screens, texts);
      await expectNothing(screens);
    }
    // The same from the server instead of the socket.
    await Promise.all(screens.map(({ page }) => page.reload()));
    await untilShown(
      screens,
      payloads.slice(-10).map(({ text }) => normalizeText(text)),
    );
    await expectNothing(screens);
    await closeAll(screens);
  });

  it("that could make one text look like another is refused", async () => {
    const [reader, writer] = [await newReader(), await newWriter()];
    const roomId = await house.direct(reader.userId, writer.userId);
    for (const { name, text } of REFUSED) {
      const { code } = await sendAs(writer, roomId, text);
      expect({ name, code }).toEqual({ name, code: textProblem(normalizeText(text)) });
    }
    expect(REFUSED.length).toBeGreaterThanOrEqual(15);
  });
});

it("a translation of whatever an engine answers is shown as a text and runs nothing", async () => {
  const [reader, writer] = [await newReader(), await newWriter()];
  const roomId = await house.direct(reader.userId, writer.userId);
  const screens = await openRoom(reader, `/chat/${roomId}`);
  const payloads = share(ACCEPTED, cases({ short: 15, full: ACCEPTED.length }));
  for (const batch of batchesOf(payloads)) {
    await Promise.all(batch.map((payload) => sendAs(writer, roomId, askForPayload(CORPUS.indexOf(payload)))));
    await untilShown(
      screens,
      batch.map(({ text }) => normalizeText(text)),
    );
    await expectNothing(screens);
  }
  await closeAll(screens);
});

describe("names and titles", () => {
  it("stay text in list, heading, details, labels, above messages and while their owner types", async () => {
    const fits = ACCEPTED.filter(({ text }) => codePoints(lineOf(text)) <= LIMITS.nameCodePointsMax);
    // Each name makes the reader's screens ask for the room again, and a person's calls have a limit.
    for (const batch of batchesOf(share(fits, cases({ short: 6, full: fits.length })))) await expectTexts(batch);
  });

  async function expectTexts(payloads: readonly Payload[]): Promise<void> {
    const [reader, writer] = [await newReader(), await newWriter()];
    const roomId = await house.group(reader.userId, writer.userId);
    await house.direct(reader.userId, writer.userId);
    await sendAs(writer, roomId, "ciao");
    const screens = await openRoom(reader, `/chat/${roomId}?details`);
    const socket = await openSocket(writer);
    const typing = setInterval(() => socket.send({ t: "typing", roomId }), TYPING_EVERY_MS / 2);
    // Only a live screen hears of a new name.
    for (const { page } of screens) await waitFor(async () => (await read(page)).subtitle.includes(typingOf("Wim")));
    for (const { name, text } of payloads) {
      await rename({ writer, reader, roomId }, text);
      for (const screen of screens) await expectNamed(screen, lineOf(text), name);
      // The same as the server draws it into the page.
      await Promise.all(screens.map(({ page }) => page.reload()));
      for (const screen of screens) await expectNamed(screen, lineOf(text), name);
      await expectNothing(screens);
    }
    clearInterval(typing);
    socket.terminate();
    await closeAll(screens);
  }

  async function openSocket(person: Person): Promise<Client> {
    const socket = await openClient({ port: Number(new URL(house.realtimeUrl).port), origin: house.webUrl });
    socket.send({ t: "auth", v: PROTOCOL_VERSION, ticket: await house.ticket(person) });
    await socket.ready();
    return socket;
  }

  async function rename(who: { writer: Person; reader: Person; roomId: RoomId }, text: string): Promise<void> {
    const answers = await Promise.all([
      call(house, "account.updateProfile", { input: { name: text }, cookie: who.writer.cookie }),
      call(house, "room.rename", { input: { roomId: who.roomId, title: text }, cookie: who.reader.cookie }),
    ]);
    expect(answers.map(({ code }) => code)).toEqual([null, null]);
  }

  async function expectNamed({ page, policy }: Screen, text: string, name: string): Promise<void> {
    const seen = async () => {
      const { heading, list, details, senders, labels, subtitle, title } = await read(page);
      return {
        heading: heading === text,
        list: list.filter((entry) => entry === text).length >= 2,
        details: details.filter((entry) => entry === text).length >= 2,
        sender: senders.includes(text),
        label: labels.some((label) => label.startsWith(`${text}, `)),
        button: labels.some((label) => label.includes(text) && !label.startsWith(text)),
        typing: subtitle.includes(typingOf(text)),
        title: title.includes(`${text} · `),
      };
    };
    const all = async () => Object.values(await seen()).every(Boolean);
    await waitFor(all, { deadlineMs: SHOWN_MS, everyMs: 50, what: name }).catch(async () =>
      expect(await seen(), `${name}, policy ${policy}`).toEqual({}),
    );
  }

  it("what people say about themselves stays text in their details and their settings", async () => {
    const writer = await newWriter();
    const abouts = packed(ACCEPTED).slice(0, cases({ short: 1, full: 200 }));
    for (const [index, about] of abouts.entries()) {
      const { code } = await call(house, "account.updateProfile", { input: { about }, cookie: writer.cookie });
      expect({ about, code }).toEqual({ about, code: null });
      // The search by tag has a limit per person.
      const reader = await newReader();
      const screens = await openRoom(reader, `/chat/${await house.direct(reader.userId, writer.userId)}?details`);
      for (const { page } of screens)
        await waitFor(async () => (await read(page)).about === about, { deadlineMs: SHOWN_MS });
      await expectNothing(screens);
      await closeAll(screens);
      if (index % 20 > 0) continue;
      const own = await openScreens(browser, house, writer.cookie);
      for (const { page } of own) {
        await page.goto(`${house.webUrl}/settings`);
        await waitFor(async () => (await page.locator("textarea").inputValue()) === about, { deadlineMs: SHOWN_MS });
      }
      await expectNothing(own);
      await closeAll(own);
    }
  });
});

/** A name in a sentence is isolated from it. */
function typingOf(name: string): string {
  return `\u2068${name}\u2069 is typing…`;
}

/** As names are stored. */
function lineOf(text: string): string {
  return normalizeText(text).replaceAll(/\s+/gu, " ");
}

/** Several to a text, as many as fit. */
function packed(payloads: readonly Payload[]): string[] {
  const texts = [""];
  for (const { text } of payloads) {
    const longer = normalizeText(`${texts.at(-1) ?? ""}\n${text}`);
    if (codePoints(longer) <= LIMITS.aboutCodePointsMax) texts[texts.length - 1] = longer;
    else texts.push(normalizeText(text));
  }
  return texts;
}
