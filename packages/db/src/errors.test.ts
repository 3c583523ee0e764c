import { appError } from "@ashchat/contracts/errors";
import { MongooseError, mongo } from "mongoose";
import { describe, expect, test } from "vitest";
import { attempt, NotConnectedError, toAppError } from "./errors";

function serverError(code: number): mongo.MongoServerError {
  return new mongo.MongoServerError({ message: "from the server", code });
}

function named(name: string): mongo.MongoError {
  const error = new mongo.MongoError("from the driver");
  Object.defineProperty(error, "name", { value: name });
  return error;
}

/** As the driver reports that a write of many could not be done. */
function inBulk(error: mongo.AnyError): mongo.MongoBulkWriteError {
  return new mongo.MongoBulkWriteError(error, bulkResult(undefined));
}

/** As the driver reports an insert of many of which the majority does not acknowledge what was written. */
function withoutMajority(error: mongo.AnyError): mongo.MongoBulkWriteError {
  return new mongo.MongoBulkWriteError(error, bulkResult({ errmsg: "waiting for replication timed out" }));
}

function bulkResult(concern: object | undefined): mongo.BulkWriteResult {
  const result: mongo.BulkWriteResult = Object.create({ getWriteConcernError: () => concern });
  return result;
}

/** As Node reports a socket that breaks. */
function ofSystem(syscall: string, code: string): Error {
  return Object.assign(new Error(`${syscall} ${code}`), { errno: -104, code, syscall });
}

describe("what the database fails with", () => {
  test.each([
    ["a duplicate key", serverError(11_000), "conflict"],
    ["an operation over its time", serverError(50), "timeout"],
    ["a majority that does not acknowledge", serverError(64), "timeout"],
    ["a server that does not answer", new mongo.MongoNetworkTimeoutError("silent"), "timeout"],
    ["no free connection", named("MongoWaitQueueTimeoutError"), "timeout"],
    ["a broken connection", new mongo.MongoNetworkError("reset"), "unavailable"],
    ["a connection that breaks under a waiting write", ofSystem("write", "ECONNRESET"), "unavailable"],
    ["a connection that breaks under a waiting write of many", inBulk(ofSystem("write", "EPIPE")), "unavailable"],
    ["a primary that stepped down", serverError(189), "unavailable"],
    ["a server that is no primary any more", serverError(10_107), "unavailable"],
    ["a server that shuts down", serverError(91), "unavailable"],
    ["no connection yet", new NotConnectedError("none"), "unavailable"],
    [
      "no connection yet, as mongoose says it",
      new MongooseError(
        "Cannot call `users.findOne()` before initial connection is complete if `bufferCommands = false`",
      ),
      "unavailable",
    ],
    ["a broken connection under a write of many", inBulk(new mongo.MongoNetworkError("reset")), "unavailable"],
    ["no free connection for a write of many", inBulk(named("MongoWaitQueueTimeoutError")), "timeout"],
    ["a primary that stepped down under a write of many", inBulk(serverError(189)), "unavailable"],
    ["a pool that was closed under a waiting call", named("MongoPoolClosedError"), "unavailable"],
    ["a server that was given up under a waiting call", named("MongoServerClosedError"), "unavailable"],
    ["a write of many that no majority acknowledges", withoutMajority(serverError(0)), "timeout"],
    ["the same, where it met a duplicate as well", withoutMajority(serverError(11_000)), "timeout"],
    ["anything else that the server says", serverError(2), "internal"],
  ])("%s is %s", (_name, error, code) => {
    expect(toAppError("test", error)).toMatchObject({ code, cause: error });
  });

  test("a failure is an outcome; a mistake of ours is thrown", async () => {
    const failed = await attempt("find", () => Promise.reject(serverError(50)));
    expect(failed).toEqual({
      ok: false,
      error: { ...appError("timeout", "find: the database did not answer in time"), cause: expect.anything() },
    });
    await expect(attempt("find", () => Promise.reject(new TypeError("mistake")))).rejects.toThrow("mistake");
  });
});
