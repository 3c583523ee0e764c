import { ticketOutputSchema } from "@ashchat/contracts/api";
import { PROTOCOL_VERSION, serverFrameSchema, type ClientFrame, type ServerFrame } from "@ashchat/contracts/realtime";
import WebSocket from "ws";
import type { Visitor } from "./browser";

/** One signed-in connection of a visitor, frame by frame. */
export interface VisitorSocket {
  send(frame: ClientFrame): void;
  close(): void;
  /** Ends the connection without a word, as a network that breaks. */
  cut(): void;
}

export interface VisitorSocketOptions {
  visitor: Visitor;
  /** Origin of the page, which the server checks. */
  origin: string;
  /** Where to connect, instead of the address in the ticket's answer. */
  url?: string;
  onFrame(frame: ServerFrame): void;
  /** Once, whatever the reason; `null` when there was no close frame. */
  onClose(code: number | null): void;
}

const CONNECT_TIMEOUT_MS = 10_000;
const NO_CLOSE_FRAME = 1006;

/** Fetches a ticket, connects and authenticates. Resolves when the socket is open, before `ready`; rejects otherwise. */
export async function connectVisitor(options: VisitorSocketOptions): Promise<VisitorSocket> {
  const { ticket, url } = await options.visitor.mutate("account.realtimeTicket", undefined, ticketOutputSchema);
  const socket = new WebSocket(options.url ?? url, {
    origin: options.origin,
    handshakeTimeout: CONNECT_TIMEOUT_MS,
    perMessageDeflate: false,
  });
  const send = (frame: ClientFrame) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
  };
  await new Promise<void>((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  socket.on("error", () => undefined); // `close` follows and says all that there is to say
  socket.on("close", (code) => options.onClose(code === NO_CLOSE_FRAME ? null : code));
  socket.on("message", (data: Buffer) => {
    // A frame that this client does not know is skipped, as the protocol asks.
    const frame = serverFrameSchema.safeParse(JSON.parse(data.toString("utf8")));
    if (frame.success) options.onFrame(frame.data);
  });
  send({ t: "auth", v: PROTOCOL_VERSION, ticket });
  return { send, close: () => socket.close(), cut: () => socket.terminate() };
}
