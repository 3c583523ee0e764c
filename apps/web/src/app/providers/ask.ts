import { appError, errorCodeSchema, type AppError } from "@ashchat/contracts/errors";
import type { Result } from "@ashchat/contracts/result";
import { ProcedureError } from "./procedures";

/** What a procedure answers: a value, or why not. Nothing is thrown. */
export async function ask<Value>(call: Promise<Value>): Promise<Result<Value, AppError>> {
  try {
    return { ok: true, value: await call };
  } catch (cause) {
    return { ok: false, error: errorOf(cause) };
  }
}

/** The house's error in a failed call; `unavailable` where the server did not answer or answered something else. */
function errorOf(cause: unknown): AppError {
  if (!(cause instanceof ProcedureError)) return appError("internal", "a call failed in this page", { cause });
  const data: unknown = cause.data;
  const code = errorCodeSchema.safeParse(fieldOf(data, "appCode"));
  if (!code.success) return appError("unavailable", cause.message, { cause });
  const retryAfterMs = fieldOf(data, "retryAfterMs");
  return appError(code.data, cause.message, { cause, ...(typeof retryAfterMs === "number" ? { retryAfterMs } : {}) });
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
