import { PROTOCOL_VERSION } from "@ashchat/contracts/realtime";
import { connectLoadClient, type LoadClient } from "./load/client";

/** One client of each kind of server: signed in, and in its rooms, when the promise resolves. */
export interface OpenOptions {
  port: number;
  /** Every text frame that is not part of the handshake or the heartbeat. */
  onText(payload: Buffer): void;
  onClose?(code: number | null): void;
}

export const ORIGIN = "http://localhost:3000";
const READY_MARK = Buffer.from('"t":"ready"');
const SOCKET_IO_EVENT = Buffer.from('42["m"');

export async function openOurs(options: OpenOptions & { ticket: string }): Promise<LoadClient> {
  const ready = openDoor();
  const client = await connectLoadClient({
    port: options.port,
    path: "/realtime",
    origin: ORIGIN,
    onText: (payload) => {
      if (!ready.isOpen && payload.includes(READY_MARK)) ready.open();
      else options.onText(payload);
    },
    onClose: (code) => {
      ready.shut(new Error(`closed with ${code} before it was ready`));
      options.onClose?.(code);
    },
  });
  client.send(JSON.stringify({ t: "auth", v: PROTOCOL_VERSION, ticket: options.ticket }));
  await ready.opened;
  return client;
}

/** Where a connection of Socket.IO ended, from which its next one recovers. */
interface SocketIoSession {
  pid: string;
  offset: string;
}

export interface SocketIoOptions extends OpenOptions {
  roomIds: readonly string[];
  recover?: SocketIoSession;
}

/** Also gives the session's private id, which is there where the server keeps sessions. */
export async function openSocketIo(options: SocketIoOptions): Promise<{ client: LoadClient; pid: string }> {
  const joined = openDoor();
  let pid = "";
  const client: LoadClient = await connectLoadClient({
    port: options.port,
    path: `/socket.io/?EIO=4&transport=websocket&rooms=${options.roomIds.join(",")}`,
    onText: (payload) => {
      if (payload.includes(SOCKET_IO_EVENT)) options.onText(payload);
      else if (payload[0] === 0x32) client.send("3"); // engine.io: "2" is its ping, "3" the answer
      else if (payload[0] === 0x34 && payload[1] === 0x30) {
        // "40": connected to the default namespace
        pid = /"pid":"([^"]+)"/u.exec(payload.toString("latin1"))?.[1] ?? "";
        joined.open();
      }
    },
    onClose: (code) => {
      joined.shut(new Error(`closed with ${code} before it had joined`));
      options.onClose?.(code);
    },
  });
  client.send(options.recover === undefined ? "40" : `40${JSON.stringify(options.recover)}`);
  await joined.opened;
  return { client, pid };
}

export function openBareWs(options: OpenOptions & { roomIds: readonly string[] }): Promise<LoadClient> {
  return connectLoadClient({ ...options, path: `/?rooms=${options.roomIds.join(",")}` });
}

function openDoor() {
  let open: () => void = () => undefined;
  let shut: (reason: Error) => void = () => undefined;
  const door = {
    isOpen: false,
    opened: new Promise<void>((resolve, reject) => {
      open = resolve;
      shut = reject;
    }),
    open(): void {
      door.isOpen = true;
      open();
    },
    shut: (reason: Error): void => shut(reason),
  };
  // Whoever closes early may not have been awaited yet.
  door.opened.catch(() => undefined);
  return door;
}
