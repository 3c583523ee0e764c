import { appError, ERROR_CODES, type ErrorCode } from "@ashchat/contracts/errors";
import { TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { describe, expect, it } from "vitest";
import { appErrorOf, publicFailure, refuse, TRPC_CODES } from "./errors";

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];
const SERVERS_FAULT: readonly ErrorCode[] = ["overloaded", "unavailable", "timeout", "internal"];

it("every error code of the house has a place in tRPC", () => {
  expect(Object.keys(TRPC_CODES).toSorted()).toEqual(CODES.toSorted());
});

describe.each(CODES)("%s", (code) => {
  it("comes through tRPC as it went in, as the caller's fault unless it is ours", () => {
    const failure = appError(code, "for the log alone", { retryAfterMs: 7, cause: new Error("inner") });
    const error = refuse(failure);
    expect(appErrorOf(error)).toBe(failure);
    expect(publicFailure(appErrorOf(error))).toEqual({ appCode: code, retryable: failure.retryable, retryAfterMs: 7 });
    const status = getHTTPStatusCodeFromError(error);
    expect(Math.floor(status / 100)).toBe(SERVERS_FAULT.includes(code) ? 5 : 4);
  });
});

it("what tRPC refuses by itself is bad input, and what it does not know has no details", () => {
  expect(appErrorOf(new TRPCError({ code: "BAD_REQUEST" })).code).toBe("invalid_input");
  expect(appErrorOf(new TRPCError({ code: "PARSE_ERROR" })).code).toBe("invalid_input");
  expect(appErrorOf(new TRPCError({ code: "NOT_FOUND" })).code).toBe("not_found");
  const bug = appErrorOf(new TRPCError({ code: "INTERNAL_SERVER_ERROR", cause: new Error("secret detail") }));
  expect(JSON.stringify(publicFailure(bug))).not.toContain("secret");
  expect(bug.code).toBe("internal");
});
