import { LIMITS } from "@ashchat/contracts/limits";
import { backoffMs } from "@ashchat/core/backoff";
import mongoose, { type Connection, type mongo } from "mongoose";
import { NotConnectedError } from "./errors";
import { watchHeartbeats } from "./heartbeat-watch";
import { recordQueries } from "./query-record";

export interface ConnectionOptions {
  /** With the name of the database. */
  url: string;
  /** Shown in the server's logs. */
  appName: string;
  /** Of one operation on its way; LIMITS.databaseTimeoutMs outside tests. */
  timeoutMs: number;
  /** Every command that goes out, for the tests' check of the indexes. */
  onCommand?: ((event: mongo.CommandStartedEvent) => void) | undefined;
  /** Where the shapes of all commands are written down, for the tests' check of the indexes; see query-record. */
  queryRecordFile?: string | undefined;
}

export interface OpenConnection {
  connection: Connection;
  /** The driver's database; throws NotConnectedError before the first connection. */
  native(): mongo.Db;
  close(): Promise<void>;
}

/** How often the driver looks at a server, at least. */
const HEARTBEAT_MS = 10_000;
const RECONNECT = { firstMs: 500, maxMs: 5_000 } as const;

/**
 * Opens a connection pool. Resolves after the first try, also when it failed: then it goes on trying by itself, and until it
 * succeeds every call answers `unavailable`. Once connected, the driver keeps the pool alive; where it has stopped looking for the
 * server, the pool is closed and opened anew. Rejects only for an address that is none.
 */
export async function openConnection(options: ConnectionOptions): Promise<OpenConnection> {
  // An instance of our own: what is set here binds nobody else in the process.
  const house = new mongoose.Mongoose({ strictQuery: true, sanitizeFilter: true, autoIndex: false, autoCreate: false });
  const connection = house.createConnection();
  // Without a listener a failed first connection would end the process; each call says it for itself.
  connection.on("error", () => undefined);
  const client = clientOptions(options);
  const observers = observersOf(options);
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let stopWatching = () => {};

  const open = async (): Promise<void> => {
    await connection.openUri(options.url, client);
    const opened = connection.getClient();
    for (const observe of observers) opened.on("commandStarted", observe);
    const { connectTimeoutMS: connectMs = options.timeoutMs } = client;
    stopWatching = watchHeartbeats(opened, { connectMs, heartbeatMs: HEARTBEAT_MS, onStuck: openAnew });
  };
  const openAnew = (): void => {
    if (isClosed) return;
    // Forced: whatever still waits there is answered by its own deadline.
    connection.close(true).then(
      () => retry(1),
      () => retry(1),
    );
  };
  const retry = (attempt: number): void => {
    if (isClosed) return;
    timer = setTimeout(
      () => {
        open().catch(() => retry(attempt + 1));
      },
      backoffMs(attempt, { ...RECONNECT, random: Math.random }),
    );
  };
  try {
    await open();
  } catch (error) {
    if (!mayPass(error)) throw error;
    retry(1);
  }
  return {
    connection,
    native() {
      if (connection.db === undefined) throw new NotConnectedError("no connection yet");
      return connection.db;
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      stopWatching();
      await connection.close();
    },
  };
}

/** Every default that matters is said here. */
function clientOptions(options: ConnectionOptions): mongoose.ConnectOptions {
  return {
    appName: options.appName,
    maxPoolSize: LIMITS.databasePoolMax,
    minPoolSize: 1,
    serverSelectionTimeoutMS: Math.min(options.timeoutMs, LIMITS.databaseWaitMs),
    connectTimeoutMS: Math.min(options.timeoutMs, LIMITS.databaseWaitMs),
    waitQueueTimeoutMS: Math.min(options.timeoutMs, LIMITS.databaseWaitMs),
    socketTimeoutMS: options.timeoutMs,
    // "Sent" means that no crash of a server takes it back.
    writeConcern: { w: "majority", journal: true, wtimeoutMS: options.timeoutMs },
    readConcernLevel: "majority",
    readPreference: "primary",
    // Every write here may be repeated by its caller, who decides; the driver's own retry would need server sessions.
    retryWrites: false,
    retryReads: true,
    bufferCommands: false,
    heartbeatFrequencyMS: HEARTBEAT_MS,
    monitorCommands: observersOf(options).length > 0,
  };
}

function observersOf({ onCommand, queryRecordFile, appName }: ConnectionOptions) {
  const record = queryRecordFile === undefined ? undefined : recordQueries(queryRecordFile, appName);
  return [onCommand, record].filter((observe) => observe !== undefined);
}

/** Everything that the driver meets on its way: away, not listening yet, too busy for another connection. Not: an address that is none. */
function mayPass(error: unknown): boolean {
  const { MongoError, MongoParseError, MongoInvalidArgumentError, MongoMissingCredentialsError } = mongoose.mongo;
  const isOnTheWay = error instanceof MongoError || error instanceof mongoose.Error.MongooseServerSelectionError;
  const isOfTheAddress =
    error instanceof MongoParseError ||
    error instanceof MongoInvalidArgumentError ||
    error instanceof MongoMissingCredentialsError;
  return isOnTheWay && !isOfTheAddress;
}
