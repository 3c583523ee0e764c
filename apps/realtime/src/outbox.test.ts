import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { PassThrough, Writable, type Duplex } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import { encodeFrame, Flusher, Outbox, textFrame } from "./outbox";

const LIMITS = { socketQueueBytesSoft: 1_000, socketQueueBytesMax: 5_000 };
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A real `ws` client of a socket on which this module writes. */
async function openPair(): Promise<{ socket: Duplex; received: string[]; client: WebSocket }> {
  const server = createServer();
  servers.push(server);
  const sockets = new WebSocketServer({ noServer: true });
  const upgraded = new Promise<Duplex>((resolve) => {
    server.on("upgrade", (req, socket, head) => {
      sockets.handleUpgrade(req, socket, head, () => resolve(socket));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const client = new WebSocket(`ws://127.0.0.1:${address.port}`);
  const received: string[] = [];
  client.on("message", (data: Buffer) => received.push(data.toString()));
  await once(client, "open");
  return { socket: await upgraded, received, client };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 2_000;
  while (!condition() && Date.now() < deadline) {
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

/** Takes everything and remembers each write. */
function recorder() {
  const writes: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      writes.push(chunk);
      done();
    },
    writev(chunks, done) {
      writes.push(Buffer.concat(chunks.map(({ chunk }: { chunk: Buffer }) => chunk)));
      done();
    },
  });
  return { writes, socket: sink as unknown as Duplex };
}

function outboxOn(socket: Duplex, onFull: () => void = () => undefined) {
  const flusher = new Flusher();
  return { flusher, outbox: new Outbox({ socket, flusher, limits: LIMITS, onFull }) };
}

describe("frames", () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 100_000])(
    "a text of %i bytes is what a ws client reads",
    async (length) => {
      const { socket, received, client } = await openPair();
      const text = "a".repeat(length);
      socket.write(Buffer.concat([textFrame(text), textFrame("next")]));
      await until(() => received.length === 2);
      expect(received).toEqual([text, "next"]);
      client.terminate();
    },
  );

  it("counts bytes, not characters: texts of several bytes a character at every boundary arrive whole", async () => {
    const { socket, received, client } = await openPair();
    const texts = [
      "é".repeat(62),
      "é".repeat(63),
      "日本".repeat(21),
      "😀".repeat(31),
      "😀".repeat(32),
      "ü".repeat(32_768),
      "한".repeat(21_845),
    ];
    for (const text of texts) socket.write(textFrame(text));
    await until(() => received.length === texts.length);
    expect(received).toEqual(texts);
    client.terminate();
  });
});

describe("outbox", () => {
  it("everything pushed in one turn is one write, in order", async () => {
    const { writes, socket } = recorder();
    const { outbox } = outboxOn(socket);
    const frames = [1, 2, 3].map((afterMs) => encodeFrame({ t: "reconnect", afterMs }));
    for (const frame of frames) outbox.push(frame);
    expect(writes).toHaveLength(0);
    await new Promise(setImmediate);
    expect(writes).toEqual([Buffer.concat(frames)]);
  });

  it("sockets with the same frames share the joined bytes, others do not", async () => {
    const flusher = new Flusher();
    const sockets = [recorder(), recorder(), recorder()];
    const [first, second, third] = sockets.map(
      ({ socket }) => new Outbox({ socket, flusher, limits: LIMITS, onFull: () => undefined }),
    );
    const frames = [textFrame("one"), textFrame("two")];
    for (const frame of frames) for (const outbox of [first, second]) outbox?.push(frame);
    third?.push(textFrame("three"));
    third?.push(textFrame("four"));
    await new Promise(setImmediate);
    const written = sockets.map(({ writes }) => writes[0]);
    expect(written[0]).toBe(written[1]);
    expect(written[2]).toEqual(Buffer.concat([textFrame("three"), textFrame("four")]));
  });

  it("drops what does not matter later above the soft limit, and still takes the rest", () => {
    const { outbox } = outboxOn(new PassThrough());
    outbox.push(Buffer.alloc(LIMITS.socketQueueBytesSoft + 1));
    outbox.pushEphemeral(Buffer.alloc(10));
    expect(outbox.queueBytes).toBe(LIMITS.socketQueueBytesSoft + 1);
    outbox.push(Buffer.alloc(10));
    expect(outbox.queueBytes).toBe(LIMITS.socketQueueBytesSoft + 11);
  });

  it("gives a socket up once when its queue would pass the hard limit, counting what the stream holds", () => {
    let given = 0;
    const stalled = new Writable({ write: () => undefined, highWaterMark: 1 }) as unknown as Duplex;
    const { outbox } = outboxOn(stalled, () => {
      given += 1;
    });
    outbox.push(Buffer.alloc(3_000));
    outbox.flush();
    expect(outbox.queueBytes).toBe(3_000);
    outbox.push(Buffer.alloc(1_999));
    expect(given).toBe(0);
    outbox.push(Buffer.alloc(2));
    outbox.push(Buffer.alloc(2));
    expect(given).toBe(1);
    expect(outbox.queueBytes).toBe(3_000);
  });

  it("is drained when the stream takes more, and when it closes", async () => {
    const waiting: (() => void)[] = [];
    const slow = new Writable({
      highWaterMark: 10,
      write: (_chunk, _encoding, done) => void waiting.push(() => done()),
    });
    const { outbox } = outboxOn(slow as unknown as Duplex);
    outbox.push(Buffer.alloc(100));
    let isDrained = false;
    const drained = outbox.drained().then(() => {
      isDrained = true;
    });
    await new Promise(setImmediate);
    expect(isDrained).toBe(false);
    waiting.splice(0).forEach((done) => done());
    await drained;
    outbox.push(Buffer.alloc(100));
    const closed = outbox.drained();
    slow.destroy();
    await closed;
  });
});
