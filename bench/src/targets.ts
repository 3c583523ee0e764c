import { newClientId } from "@ashchat/contracts/ids";
import type { LoadClient } from "./load/client";
import { startServerProcess, type Child } from "./child";
import type { SeededHouse, SeededMember } from "./seed";
import { openBareWs, openOurs, openSocketIo, ORIGIN } from "./sockets";

/**
 * A server under measurement as the driver sees it. Every target carries the same bytes: a full message frame, whose text
 * begins with a stamp that the driver finds without parsing.
 */
export interface Target {
  name: string;
  child: Child;
  connect(room: number, member: number, onStamp: OnStamp): Promise<Sender>;
}

type OnStamp = (payload: Buffer) => void;
export interface Sender {
  client: LoadClient;
  send(text: string): void;
}

export type TargetName = "ours-memory" | "ours-durable" | "socket-io" | "bare-ws" | "socket-io-awaited";

const MESSAGE_MARK = Buffer.from('"t":"message"');

export async function startTarget(name: TargetName, house: SeededHouse, port: number): Promise<Target> {
  const child = await startServer(name, house, port);
  return { name, child, connect: (room, member, onStamp) => seatAt(name, { house, port, room, member, onStamp }) };
}

/** A member of a room, connected to a server of that kind. */
export function seatAt(name: ServerName, options: ConnectOptions): Promise<Sender> {
  if (name.startsWith("ours-")) return connectOurs(options);
  return name === "bare-ws" ? connectBareWs(options) : connectSocketIo(options);
}

/** Every server under measurement; the word after `ours` is a mode of servers/ours.ts. */
export type ServerName =
  | TargetName
  | "ours-memory+indexed"
  | "ours-kept+indexed"
  | "socket-io-redis"
  | "socket-io-recovery"
  | "socket-io-streams";

export function startServer(name: ServerName, house: SeededHouse, port: number): Promise<Child> {
  const { mongodbUrl, redisUrl, namespace } = house;
  if (name.startsWith("ours-")) {
    const mode = name.slice("ours-".length);
    return startServerProcess("ours", [String(port), mode, mongodbUrl, redisUrl, namespace, ORIGIN]);
  }
  if (name === "bare-ws") return startServerProcess("bare-ws", [String(port)]);
  const peer = {
    port,
    redisUrl: name === "socket-io-streams" || name === "socket-io-redis" ? redisUrl : null,
    mongodbUrl: name === "socket-io-awaited" ? mongodbUrl : null,
    recovers: name === "socket-io-recovery" || name === "socket-io-streams",
    adapter: name === "socket-io-streams" ? "streams" : "pub/sub",
  } satisfies PeerOptions;
  return startServerProcess("socket-io", [JSON.stringify(peer)]);
}

/** What servers/socket-io.ts is told. */
export interface PeerOptions {
  port: number;
  /** Null: in memory. */
  redisUrl: string | null;
  /** Null: nothing is stored. */
  mongodbUrl: string | null;
  /** Keeps sessions and packets, so that a client that comes back gets what it missed. */
  recovers: boolean;
  adapter: "pub/sub" | "streams";
}

interface ConnectOptions {
  house: SeededHouse;
  port: number;
  room: number;
  member: number;
  onStamp: OnStamp;
}

async function connectOurs({ house, port, room, member, onStamp }: ConnectOptions): Promise<Sender> {
  const { roomId, person } = placeOf(house, room, member);
  const client = await openOurs({
    port,
    ticket: await house.ticketFor(person),
    onText: (payload) => {
      if (payload.includes(MESSAGE_MARK)) onStamp(payload);
    },
  });
  return { client, send: (text) => client.send(ownMessage(roomId, text)) };
}

async function connectSocketIo({ house, port, room, member, onStamp }: ConnectOptions): Promise<Sender> {
  const { roomId, person } = placeOf(house, room, member);
  const { client } = await openSocketIo({ port, roomIds: [roomId], onText: onStamp });
  return { client, send: (text) => client.send(`42${JSON.stringify(["m", fullMessage(roomId, person, text)])}`) };
}

async function connectBareWs({ house, port, room, member, onStamp }: ConnectOptions): Promise<Sender> {
  const { roomId, person } = placeOf(house, room, member);
  const client = await openBareWs({ port, roomIds: [roomId], onText: onStamp });
  return { client, send: (text) => client.send(JSON.stringify(fullMessage(roomId, person, text))) };
}

/** AshChat's own frame for a new message. */
export function ownMessage(roomId: string, text: string, clientId = newClientId()): string {
  return JSON.stringify({ t: "send", roomId, clientId, text });
}

/** What AshChat's own `message` frame carries, so that every target moves the same number of bytes. */
export function fullMessage(roomId: string, person: Pick<SeededMember, "userId">, text: string) {
  const message = {
    roomId,
    seq: 1,
    senderId: person.userId,
    clientId: newClientId(),
    sentAt: Date.now(),
    language: "en",
    text,
    revision: 1,
    version: 1,
    editedAt: null,
    deletedAt: null,
    translation: null,
  };
  return { t: "message", roomId, message };
}

function placeOf(house: SeededHouse, room: number, member: number) {
  const seeded = house.rooms[room];
  const person = seeded?.members[member];
  if (seeded === undefined || person === undefined) throw new Error(`nobody sits at ${room}/${member}`);
  return { roomId: seeded.roomId, person };
}
