import { connectLoadClient, type LoadClient } from "@ashchat/bench/load/client";
import type { ClientId, RoomId } from "@ashchat/contracts/ids";
import { PROTOCOL_VERSION, serverFrameSchema } from "@ashchat/contracts/realtime";
import { at, type House, type HouseRoom, type Member } from "./house";
import type { Ledger } from "./ledger";
import type { Scene } from "./scene";

/** People on bare TCP connections: they cost little beside the server under load, and note every hole and repeat. */
export interface Crowd {
  readonly seats: readonly Seat[];
  /** Somebody of the room sends; `padding` is how many signs of four bytes follow the words. */
  send(room: HouseRoom, padding?: number): void;
  /** Holes, repeats and swapped messages that somebody saw. */
  readonly disorder: readonly string[];
  close(): void;
}

interface Seat {
  readonly member: Member;
  readonly client: LoadClient;
  /** The last seq that arrived in each room. */
  readonly heads: ReadonlyMap<RoomId, number>;
  closeCode(): number | null | undefined;
}

const PATH = "/realtime";
const AT_ONCE = 40;
/** The server takes 400 sockets of one address; a crowd comes from several. */
const SEATS_PER_ADDRESS = 200;
const READY_MS = 30_000;
const DISORDER_SHOWN_MAX = 20;
const TYPE_AT = '{"t":"'.length;
const MESSAGE = "m".charCodeAt(0);
const CLIENT_ID = Buffer.from('"clientId":"');
const SEQ = Buffer.from('"seq":');
const ROOM_ID = Buffer.from('"roomId":"');
const ROOM_ID_CHARS = 31;
const CLIENT_ID_CHARS = 19;

export async function seatCrowd(scene: Scene, house: House, ledger: Ledger): Promise<Crowd> {
  const disorder: string[] = [];
  const seats: Seat[] = [];
  const sendersOf = new Map<RoomId, Seat[]>();
  for (let from = 0; from < house.people.length; from += AT_ONCE) {
    const portion = house.people.slice(from, from + AT_ONCE);
    const seated = portion.map((member, index) =>
      seat({ scene, house, ledger, member, disorder, localAddress: addressOf(from + index) }),
    );
    seats.push(...(await Promise.all(seated)));
  }
  const seatOf = new Map(seats.map((one) => [one.member.userId, one]));
  for (const { roomId, members } of house.rooms) {
    sendersOf.set(
      roomId,
      members.flatMap(({ userId }) => seatOf.get(userId) ?? []),
    );
  }
  let turn = 0;
  return {
    seats,
    disorder,
    send(room, padding = 0) {
      const senders = sendersOf.get(room.roomId) ?? [];
      turn += 1;
      const { clientId } = ledger.begin(room.roomId, senders.length);
      const text = `${TEXT} ${clientId}${PADDING.repeat(padding)}`;
      at(senders, turn).client.send(JSON.stringify({ t: "send", roomId: room.roomId, clientId, text }));
    },
    close: () => seats.forEach(({ client }) => client.close()),
  };
}

/** The language detector is in no doubt about it. */
const TEXT = "we will meet near the old bridge tomorrow morning and bring some bread";
const PADDING = "🍞";

export function addressOf(index: number): string {
  return `127.0.0.${2 + Math.floor(index / SEATS_PER_ADDRESS)}`;
}

interface SeatOptions {
  scene: Scene;
  house: House;
  ledger: Ledger;
  member: Member;
  disorder: string[];
  localAddress: string;
}

async function seat({ scene, house, ledger, member, disorder, localAddress }: SeatOptions): Promise<Seat> {
  const heads = new Map<RoomId, number>();
  let closeCode: number | null | undefined;
  let ready: () => void = () => undefined;
  const isReady = new Promise<void>((resolve) => (ready = resolve));

  function heardMessage(payload: Buffer): void {
    const roomId = textAfter(payload, ROOM_ID, ROOM_ID_CHARS) as RoomId;
    const seq = numberAfter(payload, SEQ);
    const head = heads.get(roomId) ?? 0;
    if (seq !== head + 1 && disorder.length < DISORDER_SHOWN_MAX) {
      disorder.push(`${member.userId} in ${roomId}: ${seq} came after ${head}`);
    }
    heads.set(roomId, Math.max(head, seq));
    ledger.heard(textAfter(payload, CLIENT_ID, CLIENT_ID_CHARS) as ClientId);
  }

  function heardOther(payload: Buffer): void {
    const parsed = serverFrameSchema.safeParse(JSON.parse(payload.toString("utf8")));
    if (!parsed.success) return;
    const frame = parsed.data;
    if (frame.t === "ack") ledger.acknowledged(frame.clientId, frame.seq);
    if (frame.t === "error" && frame.ref !== null) ledger.refused(frame.ref, frame);
    if (frame.t !== "ready") return;
    for (const { roomId, head } of frame.rooms) heads.set(roomId, head);
    ready();
  }

  const client = await connectLoadClient({
    port: scene.realtimePort,
    path: PATH,
    origin: scene.origin,
    localAddress,
    onText: (payload) => (isMessage(payload) ? heardMessage(payload) : heardOther(payload)),
    onClose: (code) => (closeCode = code),
  });
  client.send(JSON.stringify({ t: "auth", v: PROTOCOL_VERSION, ticket: await house.ticketFor(member) }));
  await withDeadline(isReady, READY_MS, `${member.userId} was not let in`);
  return { member, client, heads, closeCode: () => closeCode };
}

/** `message`, and nothing else begins with an m. */
function isMessage(payload: Buffer): boolean {
  return payload[TYPE_AT] === MESSAGE;
}

function textAfter(payload: Buffer, mark: Buffer, chars: number): string {
  const from = payload.indexOf(mark) + mark.length;
  return payload.toString("latin1", from, from + chars);
}

const ZERO = "0".charCodeAt(0);
const NINE = "9".charCodeAt(0);

function numberAfter(payload: Buffer, mark: Buffer): number {
  let value = 0;
  for (let offset = payload.indexOf(mark) + mark.length; ; offset += 1) {
    const digit = payload[offset] ?? 0;
    if (digit < ZERO || digit > NINE) return value;
    value = value * 10 + digit - ZERO;
  }
}

/** Rejects with `what` after the deadline. */
export function withDeadline<Value>(promise: Promise<Value>, deadlineMs: number, what: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} within ${deadlineMs} ms`)), deadlineMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
