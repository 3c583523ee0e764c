import { once } from "node:events";
import { newClientId, type ClientId, type RoomId } from "@ashchat/contracts/ids";
import { serverFrameSchema, type ClientFrame, type ServerFrame, type ServerFrameOf } from "@ashchat/contracts/realtime";
import { waitFor } from "@ashchat/runtime/testing";
import WebSocket from "ws";

/** A real socket that keeps every frame it gets; a frame that is not in the contract fails the test. */
export interface Client {
  readonly frames: ServerFrame[];
  /** The code of the close frame, 1006 for none, null while open. */
  readonly closeCode: () => number | null;
  send(frame: ClientFrame): void;
  sendRaw(data: string | Buffer, isBinary?: boolean): void;
  /** Sends a text and returns its client id. */
  say(roomId: RoomId, text: string, clientId?: ClientId): ClientId;
  all<T extends ServerFrame["t"]>(t: T): ServerFrameOf<T>[];
  /** The first frame of this kind that fits; waits for it. */
  next<T extends ServerFrame["t"]>(t: T, fits?: (frame: ServerFrameOf<T>) => boolean): Promise<ServerFrameOf<T>>;
  /** `ready`, or a failure as soon as the socket is closed instead. */
  ready(): Promise<ServerFrameOf<"ready">>;
  /** Seqs of the messages of a room, in the order of their coming, live and resumed. */
  seqs(roomId: RoomId): number[];
  closed(deadlineMs?: number): Promise<number>;
  /** Stops reading, so that the server's buffers fill. */
  stall(): void;
  terminate(): void;
}

const DEADLINE_MS = 10_000;

export async function openClient(options: { port: number; origin?: string; path?: string }): Promise<Client> {
  const { port, origin, path = "/realtime" } = options;
  const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
    headers: origin === undefined ? {} : { origin },
    perMessageDeflate: false,
  });
  const client = clientOf(ws);
  await once(ws, "open");
  return client;
}

/** The status with which an upgrade is refused. */
export async function refusedStatus(options: { port: number; origin?: string; path?: string }): Promise<number> {
  const { port, origin, path = "/realtime" } = options;
  const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: origin === undefined ? {} : { origin } });
  ws.on("error", () => undefined);
  return await new Promise((resolve, reject) => {
    ws.on("unexpected-response", (_req, res) => {
      ws.terminate();
      resolve(res.statusCode ?? 0);
    });
    ws.on("open", () => {
      ws.terminate();
      reject(new Error("the upgrade was not refused"));
    });
  });
}

function clientOf(ws: WebSocket): Client {
  const frames: ServerFrame[] = [];
  let closeCode: number | null = null;
  ws.on("message", (data: Buffer) => frames.push(serverFrameSchema.parse(JSON.parse(data.toString()))));
  ws.on("close", (code) => {
    closeCode = code;
  });
  ws.on("error", () => undefined);

  const all = <T extends ServerFrame["t"]>(t: T): ServerFrameOf<T>[] =>
    frames.filter((frame): frame is ServerFrameOf<T> => frame.t === t);
  return {
    frames,
    closeCode: () => closeCode,
    send: (frame) => ws.send(JSON.stringify(frame)),
    sendRaw: (data, isBinary = false) => ws.send(data, { binary: isBinary }),
    say(roomId, text, clientId = newClientId()) {
      ws.send(JSON.stringify({ t: "send", roomId, clientId, text }));
      return clientId;
    },
    all,
    next: (t, fits = () => true) =>
      waitFor(() => all(t).find((frame) => fits(frame)), { deadlineMs: DEADLINE_MS, what: `a ${t} frame` }),
    async ready() {
      await waitFor(() => all("ready").length > 0 || closeCode !== null, { deadlineMs: DEADLINE_MS, what: "ready" });
      const [frame] = all("ready");
      if (frame === undefined) throw new Error(`closed with ${closeCode} instead of ready`);
      return frame;
    },
    seqs: (roomId) =>
      frames.flatMap((frame) => {
        if (frame.t === "message" && frame.roomId === roomId) return [frame.message.seq];
        return frame.t === "page" && frame.roomId === roomId ? frame.messages.map((message) => message.seq) : [];
      }),
    closed: (deadlineMs = DEADLINE_MS) => waitFor(() => closeCode, { deadlineMs, what: "the close of the socket" }),
    stall: () => ws.pause(),
    terminate: () => ws.terminate(),
  };
}
