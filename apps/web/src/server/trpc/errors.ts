import type { AppError, ErrorCode } from "@ashchat/contracts/errors";
import { appError, isAppError } from "@ashchat/contracts/errors";
import type { Result } from "@ashchat/contracts/result";
import { TRPCError } from "@trpc/server";

type TrpcCode = TRPCError["code"];

/** What each of our codes is in tRPC, and with it in HTTP. A new code does not compile until it stands here. */
export const TRPC_CODES = {
  invalid_input: "BAD_REQUEST",
  text_empty: "BAD_REQUEST",
  text_too_long: "BAD_REQUEST",
  text_control_characters: "BAD_REQUEST",
  text_malformed: "BAD_REQUEST",
  frame_malformed: "BAD_REQUEST",
  frame_too_large: "PAYLOAD_TOO_LARGE",
  not_signed_in: "UNAUTHORIZED",
  wrong_credentials: "UNAUTHORIZED",
  session_revoked: "UNAUTHORIZED",
  ticket_invalid: "UNAUTHORIZED",
  origin_refused: "FORBIDDEN",
  forbidden: "FORBIDDEN",
  not_found: "NOT_FOUND",
  code_wrong: "BAD_REQUEST",
  code_expired: "BAD_REQUEST",
  code_burnt: "BAD_REQUEST",
  resend_too_soon: "TOO_MANY_REQUESTS",
  room_with_oneself: "BAD_REQUEST",
  group_full: "CONFLICT",
  rooms_full: "CONFLICT",
  last_owner: "CONFLICT",
  conflict: "CONFLICT",
  message_deleted: "CONFLICT",
  rate_limited: "TOO_MANY_REQUESTS",
  overloaded: "SERVICE_UNAVAILABLE",
  unavailable: "SERVICE_UNAVAILABLE",
  timeout: "GATEWAY_TIMEOUT",
  internal: "INTERNAL_SERVER_ERROR",
} as const satisfies Record<ErrorCode, TrpcCode>;

/** Carries an expected failure through tRPC, which knows only thrown errors. */
class Refusal extends Error {
  override readonly name = "Refusal";
  readonly appError: AppError;

  constructor(failure: AppError) {
    super(failure.code, { cause: failure.cause });
    this.appError = failure;
  }
}

export function refuse(failure: AppError): TRPCError {
  return new TRPCError({ code: TRPC_CODES[failure.code], message: failure.code, cause: new Refusal(failure) });
}

/** The value, or the failure thrown as tRPC wants it. */
export function unwrap<Value>(result: Result<Value>): Value {
  if (result.ok) return result.value;
  throw refuse(result.error);
}

/** What a failing call is called in the house. Whatever tRPC refused by itself is bad input; the rest is a bug. */
export function appErrorOf(error: TRPCError): AppError {
  if (error.cause instanceof Refusal) return error.cause.appError;
  if (isAppError(error.cause)) return error.cause;
  switch (error.code) {
    case "NOT_FOUND":
      return appError("not_found", "no such procedure");
    case "BAD_REQUEST":
    case "PARSE_ERROR":
    case "METHOD_NOT_SUPPORTED":
    case "UNSUPPORTED_MEDIA_TYPE":
    case "UNPROCESSABLE_CONTENT":
    case "PAYLOAD_TOO_LARGE":
      return appError("invalid_input", error.code, { cause: error.cause });
    default:
      return appError("internal", error.message, { cause: error.cause ?? error });
  }
}

/** What a caller learns of a failure: no message of ours, no stack. */
export interface PublicFailure {
  appCode: ErrorCode;
  retryable: boolean;
  retryAfterMs: number | null;
}

export function publicFailure({ code, retryable, retryAfterMs }: AppError): PublicFailure {
  return { appCode: code, retryable, retryAfterMs: retryAfterMs ?? null };
}
