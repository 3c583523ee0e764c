import { newClientId } from "@ashchat/contracts/ids";
import { PROTOCOL_VERSION } from "@ashchat/contracts/realtime";
import { connectLoadClient, type LoadClient } from "./load/client";
import { startServerProcess, type Child } from "./child";
import type { SeededHouse, SeededMember } from "./seed";

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

const ORIGIN = "http://localhost:3000";
const READY_MARK = Buffer.from('"t":"ready"');
const MESSAGE_MARK = Buffer.from('"t":"message"');
const SOCKET_IO_EVENT = Buffer.from('42["m"');

export async function startTarget(name: TargetName, house: SeededHouse, port: number): Promise<Target> {
  switch (name) {
    case "ours-memory":
    case "ours-durable": {
      const mode = name === "ours-memory" ? "memory" : "durable";
      const child = await startServerProcess("ours", [
        String(port),
        mode,
        house.mongodbUrl,
        house.redisUrl,
        house.namespace,
        ORIGIN,
      ]);
      return { name, child, connect: (room, member, onStamp) => connectOurs({ house, port, room, member, onStamp }) };
    }
    case "socket-io":
    case "socket-io-awaited": {
      const database = name === "socket-io-awaited" ? house.mongodbUrl : "";
      const child = await startServerProcess("socket-io", [String(port), "", database]);
      return {
        name,
        child,
        connect: (room, member, onStamp) => connectSocketIo({ house, port, room, member, onStamp }),
      };
    }
    case "bare-ws": {
      const child = await startServerProcess("bare-ws", [String(port)]);
      return { name, child, connect: (room, member, onStamp) => connectBareWs({ house, port, room, member, onStamp }) };
    }
  }
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
  const ticket = await house.ticketFor(person);
  let ready: () => void = () => undefined;
  const isReady = new Promise<void>((resolve) => (ready = resolve));
  const client = await connectLoadClient({
    port,
    path: "/realtime",
    origin: ORIGIN,
    onText: (payload) => {
      if (payload.includes(MESSAGE_MARK)) onStamp(payload);
      else if (payload.includes(READY_MARK)) ready();
    },
  });
  client.send(JSON.stringify({ t: "auth", v: PROTOCOL_VERSION, ticket }));
  await isReady;
  return { client, send: (text) => client.send(JSON.stringify({ t: "send", roomId, clientId: newClientId(), text })) };
}

async function connectSocketIo({ house, port, room, member, onStamp }: ConnectOptions): Promise<Sender> {
  const { roomId, person } = placeOf(house, room, member);
  let joined: () => void = () => undefined;
  const isJoined = new Promise<void>((resolve) => (joined = resolve));
  const client: LoadClient = await connectLoadClient({
    port,
    path: `/socket.io/?EIO=4&transport=websocket&rooms=${roomId}`,
    onText: (payload) => {
      if (payload.includes(SOCKET_IO_EVENT)) onStamp(payload);
      else if (payload[0] === 0x32) client.send("3"); // engine.io: "2" is its ping, "3" the answer
      else if (payload[0] === 0x34 && payload[1] === 0x30) joined(); // "40": connected to the default namespace
    },
  });
  client.send("40");
  await isJoined;
  return { client, send: (text) => client.send(`42${JSON.stringify(["m", fullMessage(roomId, person, text)])}`) };
}

async function connectBareWs({ house, port, room, member, onStamp }: ConnectOptions): Promise<Sender> {
  const { roomId, person } = placeOf(house, room, member);
  const client = await connectLoadClient({ port, path: `/?rooms=${roomId}`, onText: onStamp });
  return { client, send: (text) => client.send(JSON.stringify(fullMessage(roomId, person, text))) };
}

/** What AshChat's own `message` frame carries, so that every target moves the same number of bytes. */
function fullMessage(roomId: string, person: SeededMember, text: string) {
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
