import * as z from "zod/mini";

/**
 * Every failure that a caller can meet, as code → whether the same call may succeed later. Public texts live in the
 * message catalogues under `errors.<code>`; internal texts only in logs.
 */
export const ERROR_CODES = {
  // Input
  invalid_input: { retryable: false },
  text_empty: { retryable: false },
  text_too_long: { retryable: false },
  text_control_characters: { retryable: false },
  text_malformed: { retryable: false },
  frame_malformed: { retryable: false },
  frame_too_large: { retryable: false },
  // Who
  not_signed_in: { retryable: false },
  wrong_credentials: { retryable: false },
  session_revoked: { retryable: false },
  ticket_invalid: { retryable: false },
  origin_refused: { retryable: false },
  forbidden: { retryable: false },
  not_found: { retryable: false },
  // Codes
  code_wrong: { retryable: false },
  code_expired: { retryable: false },
  code_burnt: { retryable: false },
  resend_too_soon: { retryable: true },
  // Rooms
  room_with_oneself: { retryable: false },
  group_full: { retryable: false },
  rooms_full: { retryable: false },
  last_owner: { retryable: false },
  conflict: { retryable: false },
  message_deleted: { retryable: false },
  // Load and dependencies
  rate_limited: { retryable: true },
  overloaded: { retryable: true },
  unavailable: { retryable: true },
  timeout: { retryable: true },
  internal: { retryable: true },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
export const errorCodeSchema = z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]);

/** An expected failure: `message` is for logs and never reaches a user; users get the catalogue's text for `code`. */
export interface AppError {
  readonly kind: "app_error";
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  /** Milliseconds after which a retry makes sense, where known. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

export interface AppErrorDetails {
  readonly cause?: unknown;
  readonly retryAfterMs?: number;
}

export function appError(code: ErrorCode, message: string, details: AppErrorDetails = {}): AppError {
  return { kind: "app_error", code, message, retryable: ERROR_CODES[code].retryable, ...details };
}

export function isAppError(value: unknown): value is AppError {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "app_error";
}
