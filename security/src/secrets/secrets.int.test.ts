import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { codeSentSchema, confirmEmailOutputSchema, meSchema, ticketOutputSchema } from "@ashchat/contracts/api";
import { newClientId, type RoomId } from "@ashchat/contracts/ids";
import { PROTOCOL_VERSION } from "@ashchat/contracts/realtime";
import { makePerson } from "@ashchat/db/testing";
import { TRIES_HEADER } from "@ashchat/messaging/job";
import { openClient, type Client } from "@ashchat/realtime/testing/client";
import { testEnv, waitFor } from "@ashchat/runtime/testing";
import { openVisitor, type Visitor } from "@ashchat/visitor/browser";
import { codeFor } from "@ashchat/visitor/sign-up";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { call } from "../house/call";
import { openHouse, type OpenHouse } from "../house/open-house";
import { createSearch, type Canary, type Finding } from "./canaries";
import { readLogs } from "./log-files";
import { tapBroker, tapRedis, type BrokerTap, type Note, type RedisTap } from "./taps";

const DEADLINE_MS = 30_000;
/** A word: what looks like a number never leaves its message, not even for an engine. */
const unique = [...randomBytes(16)].map((byte) => String.fromCodePoint(0x67 + (byte % 16))).join("");
/** Characters that are written differently in JSON, in addresses and in HTML. */
const PASSWORD = `canary "pass"/\\${unique}ñ`;
const EMAIL = `canary.${unique}@example.org`;
const TEXT = `La "canaria" <${unique}> canta/\\ñ`;
const BROKEN_TEXT = `engine-breaks con la canaria ${unique}`;

let house: OpenHouse;
let broker: BrokerTap;
let redis: RedisTap;
const canaries: Canary[] = [
  { kind: "password", value: PASSWORD },
  { kind: "email", value: EMAIL },
  { kind: "text", value: TEXT },
  { kind: "text", value: BROKEN_TEXT },
];

beforeAll(async () => {
  house = await openHouse();
  const { RABBITMQ_URL: url = "", REDIS_URL = "", NAMESPACE: namespace = "" } = house.env;
  broker = await tapBroker({ url, namespace });
  redis = await tapRedis(REDIS_URL, namespace);
  await livesThrough();
});

afterAll(async () => {
  await broker?.close();
  redis?.close();
  await house?.close();
});

/** Everything that a person does with secrets and texts, what goes well and what does not. */
async function livesThrough(): Promise<void> {
  const visitor = openVisitor({ baseUrl: house.webUrl });
  await signsUp(visitor);
  const me = await visitor.query("account.me", undefined, meSchema);
  const reader = await makePerson(house.stores, { language: "de" });
  const roomId = await house.direct(me.profile.userId, reader.userId);
  const socket = await connects(visitor);
  await writes(visitor, socket, roomId);
  socket.sendRaw(`{"t":"send","roomId":${JSON.stringify(TEXT)},"ticket":${JSON.stringify(PASSWORD)}`);
  await socket.next("error");
  socket.terminate();
  // Somebody registers an address that is known, and nobody can sign in with what is not right.
  await visitor.mutate("account.register", registration(), codeSentSchema);
  const stranger = openVisitor({ baseUrl: house.webUrl });
  expect(await stranger.signIn(EMAIL, `${PASSWORD}x`)).toBe(false);
  await refusedInputs(visitor);
}

const registration = () => ({ email: EMAIL, password: PASSWORD, name: "Canaria", language: "it", uiLanguage: "es" });

async function signsUp(visitor: Visitor): Promise<void> {
  await visitor.mutate("account.register", registration(), codeSentSchema);
  const code = await codeFor(EMAIL, house.inboxUrl);
  canaries.push({ kind: "code", value: code });
  const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, "0");
  await expect(visitor.mutate("account.confirmEmail", { code: wrong }, z.unknown())).rejects.toThrow(/code_wrong/u);
  await visitor.mutate("account.confirmEmail", { code }, confirmEmailOutputSchema);
  expect(await visitor.signIn(EMAIL, PASSWORD)).toBe(true);
  const session = /session-token=([^;]+)/u.exec(visitor.cookies())?.[1] ?? "";
  expect(session.length).toBeGreaterThan(100);
  canaries.push({ kind: "session", value: session });
}

async function connects(visitor: Visitor): Promise<Client> {
  const { ticket } = await visitor.mutate("account.realtimeTicket", {}, ticketOutputSchema);
  canaries.push({ kind: "ticket", value: ticket });
  const open = () => openClient({ port: Number(new URL(house.realtimeUrl).port), origin: house.webUrl });
  const socket = await open();
  socket.send({ t: "auth", v: PROTOCOL_VERSION, ticket });
  await socket.ready();
  const again = await open();
  again.send({ t: "auth", v: PROTOCOL_VERSION, ticket });
  expect(await again.closed()).toBeGreaterThan(4_000);
  return socket;
}

/** By socket and by call, edited, translated, and given to an engine that fails and repeats what it was given. */
async function writes(visitor: Visitor, socket: Client, roomId: RoomId): Promise<void> {
  const first = socket.say(roomId, TEXT);
  await socket.next("ack", ({ clientId }) => clientId === first);
  const sent = { roomId, clientId: newClientId(), text: TEXT };
  await visitor.mutate("message.send", sent, z.unknown());
  await visitor.mutate("message.edit", { roomId, seq: 1, revision: 1, text: `${TEXT} otra vez` }, z.unknown());
  socket.say(roomId, BROKEN_TEXT);
  const translated = () =>
    redis.heard.some(({ place, content }) => / \S+:cache:/u.test(place) && content.includes(unique));
  await waitFor(translated, { deadlineMs: DEADLINE_MS, what: "a translation of the text" });
  const isTriedAgain = () => broker.heard.some(({ content }) => content.includes(TRIES_HEADER));
  await waitFor(isTriedAgain, { deadlineMs: DEADLINE_MS, what: "a job that is tried again" });
}

async function refusedInputs(visitor: Visitor): Promise<void> {
  const cookie = visitor.cookies();
  for (const [path, input] of [
    ["account.register", { ...registration(), email: `${EMAIL},b@example.org` }],
    ["account.register", { ...registration(), extra: PASSWORD }],
    ["account.confirmEmail", { code: PASSWORD }],
    ["message.send", { roomId: TEXT, clientId: TEXT, text: TEXT }],
    ["account.updateProfile", { name: { $ne: TEXT } }],
    ["no.such", { text: TEXT }],
    [`no.${encodeURIComponent(PASSWORD.replace("/", ""))}`, {}],
  ] as const) {
    expect((await call(house, path, { input, cookie })).code).not.toBeNull();
  }
}

/** Where something may be, and why. */
const ALLOWED: readonly { kind: Canary["kind"]; place: RegExp }[] = [
  // The address travels to the process that mails the code, and waits there for the code.
  { kind: "email", place: /^\S+\.work account\.(?:register|already_registered)$/u },
  { kind: "email", place: /^(?:(?:eval|evalsha|hsetnx) )?\S+:pending:usr_\w+$/u },
  // What somebody typed travels to the process that judges it; it is worth nothing without the browser's cookie.
  { kind: "code", place: /^\S+\.work code\.confirm$/u },
  { kind: "text", place: /^publish \S+:live:\d+$/u },
  { kind: "text", place: /^(?:set )?\S+:cache:\S+$/u },
];

function unexpected(notes: readonly Note[], search = createSearch(canaries)): Finding[] {
  const findings = notes.flatMap(({ place, content }) => search(place, content));
  return findings.filter((found) => !ALLOWED.some(({ kind, place }) => kind === found.kind && place.test(found.place)));
}

const logs = () => {
  const services = testEnv("ASH_TEST_SERVICES_DIR");
  return readLogs([house.logFolder, join(services, "logs"), join(services, "rabbitmq", "log")]);
};

describe("secrets and texts", () => {
  it("stand in no log", () => {
    const files = logs();
    expect(files.map(({ place }) => place.split("/").at(-1))).toEqual(
      expect.arrayContaining(["web.log", "realtime.log"]),
    );
    expect(files.filter(({ content }) => content.includes("canary.")).length).toBe(0);
    expect(unexpected(files)).toEqual([]);
  });

  it("stand in no figure of a process", async () => {
    const pages = Object.entries(house.internalUrls).flatMap(([name, url]) =>
      ["metrics", "readyz"].map(async (path) => ({
        place: `${name}/${path}`,
        content: await (await fetch(`${url}/${path}`)).text(),
      })),
    );
    expect(unexpected(await Promise.all(pages))).toEqual([]);
  });

  it("go through no queue but where they must, and lie in none", async () => {
    expect(broker.heard.map(({ place }) => place.split(" ")[1])).toEqual(
      expect.arrayContaining(["account.register", "code.confirm", "profile.create", "message.translate"]),
    );
    expect(unexpected(broker.heard)).toEqual([]);
    expect(unexpected(await broker.left())).toEqual([]);
  });

  it("are in Redis nowhere but in the cache of translations and the live fan-out", async () => {
    const places = redis.heard.map(({ place }) => place.replace(/ \S+?:/u, " "));
    for (const place of ["publish live:", "set cache:", "getdel ticket:"])
      expect(places.some((one) => one.startsWith(place))).toBe(true);
    expect(unexpected(redis.heard)).toEqual([]);
    expect(unexpected(await redis.kept())).toEqual([]);
  });
});

describe("the search itself", () => {
  const forms = (value: string) => [
    value,
    JSON.stringify({ a: value }),
    JSON.stringify({ a: JSON.stringify({ b: value }) }),
    encodeURIComponent(`?q=${value}`),
    ...["", "x", "xy"].map((before) => Buffer.from(`${before}${value}!`).toString("base64url")),
    Buffer.from(`{"a":"${value}"}`).toString("base64"),
    Buffer.from(value).toString("hex"),
  ];

  it.each([
    ["password", PASSWORD],
    ["email", EMAIL],
    ["text", TEXT],
  ] as const)("finds a %s in every form", (kind, value) => {
    const search = createSearch([{ kind, value }]);
    for (const form of forms(value)) expect(search("here", `before ${form} after`).length, form).toBeGreaterThan(0);
    expect(search("here", "nothing of the kind")).toEqual([]);
  });

  it("finds what is planted in a log, in a queue and in Redis", async () => {
    const file = join(house.logFolder, "planted.log");
    const key = `${house.env["NAMESPACE"] ?? ""}:planted`;
    writeFileSync(file, `{"level":"info","msg":"${Buffer.from(`hello ${PASSWORD}`).toString("base64")}"}\n`);
    await redis.client.hset(key, "field", JSON.stringify({ text: TEXT }));
    await broker.publish("NOBODY_QUEUE", JSON.stringify({ text: TEXT }));
    await waitFor(() => broker.heard.some(({ place }) => place.endsWith(" unknown")));
    expect(unexpected(logs()).map(({ kind }) => kind)).toContain("password");
    expect(unexpected(await redis.kept()).map(({ place }) => place)).toContain(key);
    expect(unexpected(broker.heard).map(({ place }) => place)).toContain(
      `${house.env["NAMESPACE"] ?? ""}.work unknown`,
    );
    expect(unexpected(await broker.left()).map(({ kind }) => kind)).toContain("text");
    await redis.client.del(key);
    rmSync(file);
  });
});
