import { appError, type AppError } from "@ashchat/contracts/errors";
import { LIMITS } from "@ashchat/contracts/limits";
import { fail, ok } from "@ashchat/contracts/result";
import type { Outcome } from "@ashchat/core/ports";
import { MongooseError, mongo } from "mongoose";

const DUPLICATE_KEY = 11_000;
/** MaxTimeMSExpired, WriteConcernTimeout, ExceededTimeLimit. */
const TIMEOUT_CODES: ReadonlySet<number> = new Set([50, 64, 262]);
/** HostUnreachable, HostNotFound, NetworkTimeout, ShutdownInProgress, PrimarySteppedDown, SocketException, NotWritablePrimary, Interrupted…, NotPrimary…. */
const AWAY_CODES: ReadonlySet<number> = new Set([6, 7, 89, 91, 189, 9001, 10_107, 11_600, 11_602, 13_435, 13_436]);

const CLOSED_NAMES: ReadonlySet<string> = new Set(["MongoPoolClosedError", "MongoServerClosedError"]);

/**
 * Runs one conversation with the database. What the database or the way to it can fail with becomes an AppError; a mistake
 * in our own code is thrown on.
 */
export async function attempt<Value>(label: string, work: () => Promise<Value>): Outcome<Value> {
  try {
    return ok(await withinDeadline(work));
  } catch (error) {
    const known = toAppError(label, error);
    if (known === null) throw error;
    return fail(known);
  }
}

/** The driver did not settle a command at all. */
class DeadlineError extends Error {
  override readonly name = "DeadlineError";
}

/** Rejects where the driver has lost the command: its own timeouts do not run on a socket that has ended. */
export async function withinDeadline<Value>(
  work: () => Promise<Value>,
  deadlineMs: number = LIMITS.databaseDeadlineMs,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(`no end within ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** `conflict` for a duplicate key, `timeout`, `unavailable`, else `internal`; null for what is no database error. */
export function toAppError(label: string, error: unknown): AppError | null {
  // What stands before the duplicate may be stored or not: that says more than the duplicate.
  if (isUnacknowledged(error)) return appError("timeout", `${label}: no majority acknowledged it`, { cause: error });
  if (isDuplicateKey(error)) return appError("conflict", `${label}: duplicate key`, { cause: error });
  const failure = insideBulk(error);
  if (isTimeout(failure)) return appError("timeout", `${label}: the database did not answer in time`, { cause: error });
  if (isAway(failure)) return appError("unavailable", `${label}: the database cannot be reached`, { cause: error });
  if (error instanceof mongo.MongoError) return appError("internal", `${label}: ${error.message}`, { cause: error });
  return null;
}

/** The driver wraps whatever breaks a write of many, a lost connection too, into an error of the server. */
function insideBulk(error: unknown): unknown {
  if (!(error instanceof mongo.MongoBulkWriteError)) return error;
  const inner: unknown = error.errorResponse;
  return inner instanceof Error ? inner : error;
}

/** A write of many of which the majority did not acknowledge what was written, whatever else happened to it. */
function isUnacknowledged(error: unknown): boolean {
  return error instanceof mongo.MongoBulkWriteError && error.result.getWriteConcernError() !== undefined;
}

export function isDuplicateKey(error: unknown): error is mongo.MongoServerError {
  return error instanceof mongo.MongoServerError && error.code === DUPLICATE_KEY;
}

function isTimeout(error: unknown): boolean {
  return (
    error instanceof DeadlineError ||
    error instanceof mongo.MongoNetworkTimeoutError ||
    // The driver does not export this class.
    (error instanceof mongo.MongoError && error.name === "MongoWaitQueueTimeoutError") ||
    (error instanceof mongo.MongoServerError && TIMEOUT_CODES.has(Number(error.code)))
  );
}

function isAway(error: unknown): boolean {
  return (
    error instanceof mongo.MongoNetworkError ||
    error instanceof mongo.MongoServerSelectionError ||
    error instanceof mongo.MongoNotConnectedError ||
    error instanceof mongo.MongoTopologyClosedError ||
    error instanceof mongo.MongoClientClosedError ||
    // The driver does not export these classes: a server that left the set takes its waiting calls along.
    (error instanceof mongo.MongoError && CLOSED_NAMES.has(error.name)) ||
    error instanceof NotConnectedError ||
    isOfSocket(error) ||
    isBeforeConnection(error) ||
    (error instanceof mongo.MongoServerError && AWAY_CODES.has(Number(error.code)))
  );
}

/** A connection that breaks while the driver waits to write is given out as the system's own error. */
function isOfSocket(error: unknown): boolean {
  return error instanceof Error && "syscall" in error && "errno" in error;
}

/** With command buffering off mongoose has no class of its own for this, only this sentence. */
function isBeforeConnection(error: unknown): boolean {
  return (
    error instanceof MongooseError &&
    /initial connection is complete|MongooseServerSelectionError/.test(`${error.message} ${error.name}`)
  );
}

/** The first connection has not been made yet. */
export class NotConnectedError extends Error {
  override readonly name = "NotConnectedError";
}
