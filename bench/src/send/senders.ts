import { newClientId, type ClientId, type RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { sealSession } from "@ashchat/web/testing/sealed-session";
import type { LoadClient } from "../load/client";
import { connectHttpClient, type HttpRequest } from "../load/http-client";
import type { SeededHouse, SeededMember } from "../seed";
import { openOurs } from "../sockets";
import { ownMessage } from "../targets";
import { PRODUCT_SECRET } from "../web/product-environment";

/** One kind of way to send a message, or what stands for it. */
export interface Senders {
  /** Resolves when the server has acknowledged one message of one of the people, who take turns. */
  once(): Promise<void>;
  /** How many messages were acknowledged, ever. */
  acknowledged(): number;
  close(): void;
}

interface Person extends SeededMember {
  roomId: RoomId;
}

/** Everybody of the house on a connection of their own. */
export async function sendBySocket(house: SeededHouse, port: number): Promise<Senders> {
  const waiting = new Map<ClientId, () => void>();
  let acknowledged = 0;
  const onText = (payload: Buffer) => {
    const answered = answeredBy(payload);
    if (answered === null) return;
    acknowledged += 1;
    waiting.get(answered)?.();
    waiting.delete(answered);
  };
  const people = peopleOf(house);
  const clients: LoadClient[] = [];
  let isOver = false;
  // Calls that wait on it would wait for ever.
  const onClose = (code: number | null) => {
    if (!isOver) throw new Error(`the server closed a sender's socket with ${code}`);
  };
  for (const person of people)
    clients.push(await openOurs({ port, ticket: await house.ticketFor(person), onText, onClose }));
  // Between their rounds they are silent for longer than the server allows.
  const awake = setInterval(() => clients.forEach((client) => client.send(PING)), LIMITS.heartbeatIntervalMs);
  const next = inTurns(people.map((person, index) => ({ roomId: person.roomId, client: clients[index] })));
  return {
    once: () =>
      new Promise((resolve) => {
        const { roomId, client } = next();
        const clientId = newClientId();
        waiting.set(clientId, resolve);
        client?.send(ownMessage(roomId, TEXT, clientId));
      }),
    acknowledged: () => acknowledged,
    close() {
      isOver = true;
      clearInterval(awake);
      for (const client of clients) client.close();
    },
  };
}

/** Everybody of the house in turn, over as many connections as there are calls under way. */
export async function sendByProcedure(house: SeededHouse, port: number, connections: number): Promise<Senders> {
  const cookies = await Promise.all(
    peopleOf(house).map(async (person) => ({ ...person, cookie: await cookieOf(person) })),
  );
  const next = inTurns(cookies);
  return overHttp(port, connections, () => {
    const { roomId, cookie } = next();
    const body = JSON.stringify({ roomId, clientId: newClientId(), text: TEXT });
    return { path: "/api/trpc/message.send", body, headers: { cookie, origin: `http://localhost:${port}` } };
  });
}

/** A mutation that does nothing, in a bare app of the same Next.js. */
export function callNothing(port: number, connections: number): Promise<Senders> {
  const body = JSON.stringify({ text: TEXT });
  return overHttp(port, connections, () => ({ path: "/api/trpc/noop", body }));
}

const TEXT = "the boat leaves at nine from the old harbour";
const PING = JSON.stringify({ t: "ping" });
const ACK = Buffer.from('{"t":"ack"');
const CLIENT_ID = Buffer.from('"clientId":"');
const CLIENT_ID_CHARS = newClientId().length;

async function overHttp(port: number, connections: number, request: () => HttpRequest): Promise<Senders> {
  const idle = await Promise.all(Array.from({ length: connections }, () => connectHttpClient(port)));
  let acknowledged = 0;
  return {
    async once() {
      const kept = idle.pop();
      if (kept === undefined) throw new Error("more calls than connections");
      const client = kept.isClosed ? await connectHttpClient(port) : kept;
      await client.post(request());
      acknowledged += 1;
      idle.push(client);
    },
    acknowledged: () => acknowledged,
    close: () => idle.forEach((client) => client.close()),
  };
}

/** Whose message this frame acknowledges; null for every other frame but a refusal, which ends the run. */
function answeredBy(payload: Buffer): ClientId | null {
  if (payload.subarray(0, ACK.length).equals(ACK)) {
    const from = payload.indexOf(CLIENT_ID) + CLIENT_ID.length;
    return payload.toString("latin1", from, from + CLIENT_ID_CHARS) as ClientId;
  }
  if (payload.includes('"t":"error"')) throw new Error(`a send was refused: ${payload.toString("utf8")}`);
  return null;
}

/** What a browser holds after signing in. */
async function cookieOf(person: SeededMember): Promise<string> {
  return `next-auth.session-token=${await sealSession(person, PRODUCT_SECRET)}`;
}

function peopleOf(house: SeededHouse): Person[] {
  return house.rooms.flatMap(({ roomId, members }) => members.map((member) => ({ ...member, roomId })));
}

function inTurns<Item>(items: readonly Item[]): () => Item {
  let turn = 0;
  return () => {
    const item = items[turn % items.length];
    turn += 1;
    if (item === undefined) throw new Error("nobody is there");
    return item;
  };
}
