import type { Logger } from "@ashchat/runtime/logger";
import { withTimeout } from "@ashchat/runtime/timeout";
import { connect, type ChannelModel } from "amqplib";

/**
 * One connection that comes back for ever. A session is the time between two breaks: `open` builds everything that lives
 * on it (channels, consumers); if any part of it breaks, the whole session ends and the next one is built.
 */
export interface Session {
  readonly model: ChannelModel;
  readonly isAlive: () => boolean;
  /** Gives up this session; the next one follows by itself. */
  end(reason: string, error?: unknown): void;
}

export interface ConnectionOptions {
  readonly url: string;
  readonly name: string;
  readonly log: Logger;
  /** Called for every session; a rejection ends it. */
  readonly open: (session: Session) => Promise<void>;
  readonly lost: () => void;
}

export interface BrokerConnection {
  /** The server's name and version while connected. */
  server(): string | null;
  /** Why the broker accepts no messages at present (memory or disk alarm). */
  blocked(): string | null;
  /** False when `timeoutMs` passed first. */
  waitUntilUp(timeoutMs: number): Promise<boolean>;
  close(): Promise<void>;
}

const HEARTBEAT_S = 5;
const CONNECT_TIMEOUT_MS = 5_000;
const RECONNECT = { initialDelay: 100, maxDelay: 5_000, factor: 2, jitter: 0.5, maxRetries: Infinity };
const CLOSE_TIMEOUT_MS = 2_000;
/** A broker that dies while a session is built may leave a call without an answer for ever; the next session waits for this one. */
const SESSION_TIMEOUT_MS = 10_000;

export async function openConnection(options: ConnectionOptions): Promise<BrokerConnection> {
  const { log, name } = options;
  let server: string | null = null;
  let blocked: string | null = null;
  let isClosing = false;
  const recovering = await connect(withHeartbeat(options.url), {
    timeout: CONNECT_TIMEOUT_MS,
    noDelay: true,
    clientProperties: { connection_name: name },
    recovery: {
      ...RECONNECT,
      waitForConnect: false,
      setup: async (model: ChannelModel) => {
        await openSession(options, model, {
          down() {
            server = null;
            blocked = null;
          },
          isWanted: () => !isClosing,
        });
        const { product, version } = model.connection.serverProperties;
        server = `${product} ${version}`;
        log.info({ server, connection: name }, "connected to the broker");
      },
    },
  });
  recovering.on("error", (error) => log.warn({ err: error, connection: name }, "broker connection failed"));
  recovering.on("connect-failed", (error) => log.warn({ err: error, connection: name }, "broker cannot be reached"));
  recovering.on("blocked", (reason) => {
    blocked = reason;
    log.warn({ reason, connection: name }, "broker accepts no messages");
  });
  recovering.on("unblocked", () => {
    blocked = null;
  });
  return {
    server: () => server,
    blocked: () => blocked,
    waitUntilUp: (timeoutMs) =>
      withTimeout(recovering.waitForConnect(), timeoutMs, "connecting to the broker").then(
        () => true,
        () => false,
      ),
    close() {
      isClosing = true;
      return withTimeout(recovering.close(), CLOSE_TIMEOUT_MS, "closing the broker connection").catch(
        (error: unknown) => log.warn({ err: error, connection: name }, "broker connection not closed in time"),
      );
    },
  };
}

interface SessionOwner {
  down(): void;
  /** False while the connection is closed on purpose: its channels end with it, which is no break. */
  isWanted(): boolean;
}

async function openSession(
  options: ConnectionOptions,
  model: ChannelModel,
  { down, isWanted }: SessionOwner,
): Promise<void> {
  const { log, name } = options;
  let alive = true;
  const lose = () => {
    if (!alive) return;
    alive = false;
    down();
    options.lost();
  };
  // From the first moment on: an error event that nobody hears would end the process.
  model.on("error", (error) => log.debug({ err: error, connection: name }, "broker connection error"));
  model.once("close", lose);
  const session: Session = {
    model,
    isAlive: () => alive,
    end: (reason, error) => {
      if (!alive) return;
      // At once: the goodbye to a broker that hangs may take until the heartbeat ends it.
      lose();
      if (!isWanted()) return;
      log.warn({ reason, err: error, connection: name }, "broker session given up");
      model
        .close()
        .catch((closing: unknown) =>
          log.debug({ err: closing, connection: name }, "broker session was closed already"),
        );
    },
  };
  try {
    await withTimeout(options.open(session), SESSION_TIMEOUT_MS, "building a broker session");
  } catch (error) {
    session.end("it was not built", error);
    throw error;
  }
  if (!alive) throw new Error("the connection was lost while it was set up");
}

function withHeartbeat(url: string): string {
  const parsed = new URL(url);
  parsed.searchParams.set("heartbeat", String(HEARTBEAT_S));
  return parsed.href;
}
