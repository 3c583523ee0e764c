import type { Crowd, CrowdMember } from "../crowd";
import type { LoadClient } from "../load/client";
import { openOurs, openSocketIo } from "../sockets";
import { fullMessage, ownMessage } from "../targets";

/** Somebody in one room who is cut off and comes back to what was missed. Messages are numbered by their writer, from 1. */
export interface StormClient {
  /** What can be had before coming back: a ticket. */
  prepare(): Promise<void>;
  connect(): Promise<void>;
  /** Ends the connection without a word, as a lost network does. */
  cut(): void;
  write(): void;
  /** Messages so far, in order. */
  readonly count: number;
  /** Messages out of order, or twice. */
  readonly flaws: number;
  /** When the newest of them came, by `performance.now()`. */
  readonly completeAt: number;
}

export interface StormClientOptions {
  crowd: Crowd;
  port: number;
  person: CrowdMember;
}

const NUMBER_MARK = Buffer.from("#~");
const NUMBER_CHARS_MAX = 8;
const FILLER = "the boat leaves at nine from the old harbour";

export function createStormClient(name: string, options: StormClientOptions): StormClient {
  const { person } = options;
  const [roomId = ""] = person.roomIds;
  const state = { count: 0, flaws: 0, completeAt: 0, written: 0, isOn: false };
  let client: LoadClient | null = null;

  const onText = (payload: Buffer) => {
    if (!state.isOn) return;
    for (let at = payload.indexOf(NUMBER_MARK); at >= 0; at = payload.indexOf(NUMBER_MARK, at + 1)) {
      const number = Number.parseInt(payload.toString("latin1", at + 2, at + NUMBER_CHARS_MAX), 10);
      if (number === state.count + 1) state.count = number;
      else state.flaws += 1;
      state.completeAt = performance.now();
    }
  };
  const way = name.startsWith("ours") ? ourWay(options, onText) : socketIoWay(options, onText);
  return {
    prepare: way.prepare,
    async connect() {
      state.isOn = true;
      client = await way.connect(state.count);
    },
    cut() {
      state.isOn = false;
      client?.close();
    },
    write() {
      state.written += 1;
      const text = `#~${state.written} ${FILLER}`;
      client?.send(way.frameOf(roomId, text));
    },
    get count() {
      return state.count;
    },
    get flaws() {
      return state.flaws;
    },
    get completeAt() {
      return state.completeAt;
    },
  };
}

interface Way {
  prepare(): Promise<void>;
  /** `count`: messages that are here already. */
  connect(count: number): Promise<LoadClient>;
  frameOf(roomId: string, text: string): string;
}

function ourWay({ crowd, port, person }: StormClientOptions, onText: (payload: Buffer) => void): Way {
  let ticket: string | null = null;
  return {
    async prepare() {
      ticket = await crowd.ticketFor(person);
    },
    async connect(count) {
      const client = await openOurs({ port, ticket: ticket ?? (await crowd.ticketFor(person)), onText });
      ticket = null;
      const cursors = person.roomIds.map((roomId) => ({ roomId, seq: count, changeSeq: 0 }));
      if (count > 0) client.send(JSON.stringify({ t: "resume", cursors }));
      return client;
    },
    frameOf: ownMessage,
  };
}

/** Its offset is the last argument of the last event that came. */
function socketIoWay({ port, person }: StormClientOptions, onText: (payload: Buffer) => void): Way {
  let pid: string | null = null;
  let offset = "";
  return {
    prepare: async () => undefined,
    async connect(count) {
      const opened = await openSocketIo({
        port,
        roomIds: person.roomIds,
        onText: (payload) => {
          offset = /"([^"]+)"\]$/u.exec(payload.toString("latin1", Math.max(0, payload.length - 64)))?.[1] ?? offset;
          onText(payload);
        },
        ...(pid === null || count === 0 ? {} : { recover: { pid, offset } }),
      });
      ({ pid } = opened);
      return opened.client;
    },
    frameOf: (roomId, text) => `42${JSON.stringify(["m", fullMessage(roomId, person, text)])}`,
  };
}
