import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { createFrameParser, encodePong, encodeText } from "./frames";

/** A bare TCP client of one WebSocket: it must cost less than the server that it measures. */
export interface LoadClient {
  send(text: string): void;
  /** Stops reading, so that the kernel's buffers and then the server's fill. */
  pause(): void;
  resume(): void;
  close(): void;
  /** Tells this connection from the others of the machine. */
  readonly localPort: number;
}

export interface LoadClientOptions {
  port: number;
  path: string;
  origin?: string;
  headers?: Readonly<Record<string, string>>;
  /** From which address of this machine; a server bounds the sockets of one. */
  localAddress?: string;
  onText(payload: Buffer): void;
  onClose?(code: number | null): void;
}

const HOST = "127.0.0.1";
const CONNECT_TIMEOUT_MS = 20_000;
const END_OF_HEAD = "\r\n\r\n";

/** Resolves when the server has switched protocols; rejects on any other answer or after 20 s. */
export function connectLoadClient(options: LoadClientOptions): Promise<LoadClient> {
  return new Promise((resolve, reject) => {
    const { port, localAddress } = options;
    const socket = connect({ host: HOST, port, ...(localAddress === undefined ? {} : { localAddress }) });
    const timer = setTimeout(() => socket.destroy(new Error("upgrade timed out")), CONNECT_TIMEOUT_MS);
    let head = Buffer.alloc(0);
    let closeCode: number | null = null;
    socket.setNoDelay(true);
    socket.once("connect", () => socket.write(requestOf(options)));
    socket.once("error", reject);
    socket.on("close", () => {
      clearTimeout(timer);
      reject(new Error("closed before the upgrade"));
      options.onClose?.(closeCode);
    });
    const parse = createFrameParser({
      text: options.onText,
      ping: (payload) => void socket.write(encodePong(payload)),
      close: (code) => {
        closeCode = code;
        socket.end();
      },
    });
    const readHead = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf(END_OF_HEAD);
      if (end < 0) return;
      clearTimeout(timer);
      socket.off("data", readHead);
      const status = head.subarray(0, end).toString("latin1").split("\r\n")[0] ?? "";
      if (!status.includes(" 101 ")) {
        socket.destroy();
        reject(new Error(`no upgrade: ${status}`));
        return;
      }
      socket.on("data", parse);
      resolve(clientOf(socket));
      const rest = head.subarray(end + END_OF_HEAD.length);
      if (rest.length > 0) parse(rest);
    };
    socket.on("data", readHead);
  });
}

function clientOf(socket: Socket): LoadClient {
  return {
    send: (text) => void socket.write(encodeText(text)),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: () => void socket.destroy(),
    localPort: socket.localPort ?? 0,
  };
}

function requestOf({ port, path, origin, headers }: LoadClientOptions): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${HOST}:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    ...(origin === undefined ? [] : [`Origin: ${origin}`]),
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ];
  return lines.join("\r\n") + END_OF_HEAD;
}
