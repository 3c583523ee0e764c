import { connect, type Socket } from "node:net";

/** A bare TCP client of one HTTP connection that stays open: it must cost less than the server that it measures. */
export interface HttpClient {
  /** One request at a time; rejects where the answer is not a success. */
  post(request: HttpRequest): Promise<void>;
  /** The server closes a connection that has been idle for some seconds. */
  readonly isClosed: boolean;
  close(): void;
}

export interface HttpRequest {
  path: string;
  body: string;
  headers?: Readonly<Record<string, string>>;
}

const HOST = "127.0.0.1";
const END_OF_HEAD = "\r\n\r\n";
const END_OF_CHUNKS = "0\r\n\r\n";
const SHOWN_CHARS = 400;

export function connectHttpClient(port: number): Promise<HttpClient> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: HOST, port });
    socket.setNoDelay(true);
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(clientOf(socket, port));
    });
  });
}

interface Waiting {
  resolve(): void;
  reject(cause: Error): void;
}

function clientOf(socket: Socket, port: number): HttpClient {
  let waiting: Waiting | null = null;
  let heard = "";

  function settle(failure: Error | null): void {
    const one = waiting;
    waiting = null;
    heard = "";
    if (failure === null) one?.resolve();
    else one?.reject(failure);
  }

  socket.on("data", (chunk) => {
    heard += chunk.toString("latin1");
    if (!isWhole(heard)) return;
    settle(heard.startsWith("HTTP/1.1 200") ? null : new Error(`refused: ${heard.slice(0, SHOWN_CHARS)}`));
  });
  socket.on("error", settle);
  socket.on("close", () => settle(new Error("the server closed the connection")));
  return {
    post: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        // Nothing would ever be heard of it.
        if (!socket.writable) return settle(new Error("the connection is closed"));
        socket.write(bytesOf(request, port));
      }),
    get isClosed() {
      return !socket.writable;
    },
    close: () => void socket.destroy(),
  };
}

/** Of an answer with a length, or in chunks; nothing else comes from these servers. */
function isWhole(heard: string): boolean {
  const end = heard.indexOf(END_OF_HEAD);
  if (end < 0) return false;
  const length = /^content-length: (\d+)/imu.exec(heard.slice(0, end))?.[1];
  return length === undefined
    ? heard.endsWith(END_OF_CHUNKS)
    : heard.length >= end + END_OF_HEAD.length + Number(length);
}

function bytesOf({ path, body, headers = {} }: HttpRequest, port: number): string {
  const lines = [
    `POST ${path} HTTP/1.1`,
    `host: localhost:${port}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return lines.join("\r\n") + END_OF_HEAD + body;
}
