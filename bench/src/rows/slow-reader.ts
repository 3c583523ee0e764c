import type { Crowd, CrowdMember } from "../crowd";
import type { LoadClient } from "../load/client";
import { openBareWs, openOurs, openSocketIo } from "../sockets";
import { fullMessage, ownMessage } from "../targets";

/** Somebody in all rooms who checks the numbers of each room's messages, may stop reading, and comes back when cut off. */
export interface Reader {
  connect(): Promise<void>;
  stall(): void;
  readOn(): void;
  write(room: number, text: string): void;
  measureFrom(at: number): void;
  /** Whether everything up to these numbers, one a room, is here. */
  has(numbers: readonly number[]): boolean;
  /** What is missing of them, and what came twice or in the wrong order. */
  flawsUpTo(numbers: readonly number[]): number;
  latencies(): readonly number[];
  localPort(): number;
  close(): void;
}

export interface ReaderOptions {
  crowd: Crowd;
  port: number;
  person: CrowdMember;
}

const STAMP = Buffer.from("#~");
const STAMP_CHARS_MAX = 40;

export function createReader(name: string, { crowd, port, person }: ReaderOptions): Reader {
  const seen = person.roomIds.map(() => 0);
  const latencies: number[] = [];
  let client: LoadClient | null = null;
  let from = Number.POSITIVE_INFINITY;
  let isOver = false;
  let flaws = 0;

  const onText = (payload: Buffer) => {
    for (let at = payload.indexOf(STAMP); at >= 0; at = payload.indexOf(STAMP, at + 1)) {
      const [number, room, sentAt] = payload
        .toString("latin1", at + STAMP.length, at + STAMP_CHARS_MAX)
        .split(" ")
        .map(Number);
      if (number === undefined || room === undefined || sentAt === undefined) continue;
      if (number === (seen[room] ?? 0) + 1) seen[room] = number;
      else flaws += 1;
      if (sentAt >= from) latencies.push(performance.now() - sentAt);
    }
  };
  const connect = async (): Promise<void> => {
    client = await openAs(name, { crowd, person, open: { port, onText, onClose } });
  };
  const onClose = (): void => {
    if (isOver || client === null) return;
    client = null;
    comeBack().catch(() => {
      flaws += 1;
    });
  };
  const comeBack = async (): Promise<void> => {
    await connect();
    const cursors = person.roomIds.map((roomId, room) => ({ roomId, seq: seen[room] ?? 0, changeSeq: 0 }));
    client?.send(JSON.stringify({ t: "resume", cursors }));
  };
  return {
    connect,
    stall: () => client?.pause(),
    readOn: () => client?.resume(),
    write: (room, text) => client?.send(frameAs(name, { person, roomId: person.roomIds[room] ?? "", text })),
    measureFrom: (at) => void (from = at),
    has: (numbers) => numbers.every((number, room) => seen[room] === number),
    flawsUpTo: (numbers) =>
      flaws + numbers.reduce((sum, number, room) => sum + Math.abs(number - (seen[room] ?? 0)), 0),
    latencies: () => latencies,
    localPort: () => client?.localPort ?? 0,
    close() {
      isOver = true;
      client?.close();
    },
  };
}

interface Opening {
  crowd: Crowd;
  person: CrowdMember;
  open: { port: number; onText(payload: Buffer): void; onClose(): void };
}

async function openAs(name: string, { crowd, person, open }: Opening): Promise<LoadClient> {
  const { roomIds } = person;
  if (name.startsWith("ours")) return openOurs({ ...open, ticket: await crowd.ticketFor(person) });
  if (name === "bare-ws") return openBareWs({ ...open, roomIds });
  return (await openSocketIo({ ...open, roomIds })).client;
}

function frameAs(name: string, frame: { person: CrowdMember; roomId: string; text: string }): string {
  const { person, roomId, text } = frame;
  if (name.startsWith("ours")) return ownMessage(roomId, text);
  const message = fullMessage(roomId, person, text);
  return name === "bare-ws" ? JSON.stringify(message) : `42${JSON.stringify(["m", message])}`;
}
