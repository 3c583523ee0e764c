import { createHash } from "node:crypto";

/**
 * What a log line may not show. Keys decide, wherever they stand in the object; besides, addresses of people and passwords
 * in server addresses are replaced inside every string, because messages of drivers carry them.
 */
const HIDDEN_KEYS = new Set([
  "password",
  "passwordhash",
  "token",
  "ticket",
  "cookie",
  "set-cookie",
  "authorization",
  "secret",
  "apikey",
  "text",
  "texts",
  "html",
  "body",
  "content",
  // A failed command of a driver carries what it was to write.
  "args",
]);
const HIDDEN_SUFFIXES = ["password", "secret", "token"];
const REDACTED = "[redacted]";
const DEPTH_MAX = 6;
const ENTRIES_MAX = 100;
const STRING_CHARS_MAX = 4_096;
/** The status codes of HTTP and WebSocket fit, a code from a mail does not. */
const NUMERIC_CODE_MAX = 9_999;
const EMAIL = /[^\s@"'<>(){}:,;=[\]]{1,64}@[^\s@"'<>(){}:,;=[\]/]+\.[^\s@"'<>(){}:,;=[\]/]+/g;
const URL_PASSWORD = /(\w:\/\/[^/\s:@]*):[^@\s/]*@/g;

/** A copy without secrets, texts and addresses: bounded in depth, length and number of entries. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redactString(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return value;
  if (depth >= DEPTH_MAX) return "[deep]";
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, ENTRIES_MAX).map((item) => redact(item, depth + 1));
  if (value instanceof Map) return redactEntries([...value].slice(0, ENTRIES_MAX), depth);
  if (value instanceof Set) return redact([...value].slice(0, ENTRIES_MAX), depth);
  return redactEntries(Object.entries(value).slice(0, ENTRIES_MAX), depth);
}

/** The same for an object of log fields. */
export function redactFields(fields: object): Record<string, unknown> {
  return redactEntries(Object.entries(fields).slice(0, ENTRIES_MAX), 0);
}

/** Tells one address from another in logs without showing it. */
export function emailMark(email: string): string {
  return `email:${createHash("sha256").update(email.normalize("NFKC").toLowerCase()).digest("hex").slice(0, 12)}`;
}

export function redactString(value: string): string {
  const short = value.length > STRING_CHARS_MAX ? `${value.slice(0, STRING_CHARS_MAX)}…` : value;
  if (!short.includes("@")) return short;
  return short
    .replace(URL_PASSWORD, `$1:${REDACTED}@`)
    .replace(EMAIL, (email) => (email.includes(REDACTED) ? email : emailMark(email)));
}

function redactEntries(entries: readonly (readonly [unknown, unknown])[], depth: number): Record<string, unknown> {
  return Object.fromEntries(entries.map(([key, item]) => [String(key), redactEntry(String(key), item, depth)]));
}

function redactEntry(key: string, value: unknown, depth: number): unknown {
  const name = key.toLowerCase();
  if (value === undefined || value === null) return value;
  if (HIDDEN_KEYS.has(name) || HIDDEN_SUFFIXES.some((suffix) => name.endsWith(suffix))) return REDACTED;
  if (name === "email" && typeof value === "string") return emailMark(value);
  if (name === "code") return isFailureCode(value) ? value : REDACTED;
  return redact(value, depth + 1);
}

/** `code` is also how errors are named: a word or a small number is one, six digits are a code from a mail. */
function isFailureCode(value: unknown): boolean {
  if (typeof value === "number") return value <= NUMERIC_CODE_MAX;
  return typeof value === "string" && /^[A-Za-z][A-Za-z0-9_]*$/.test(value) && !/^\w*\d{4,}\w*$/.test(value);
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause, ...fields } = error;
  return {
    type: name ?? error.name,
    message: redactString(message ?? error.message),
    stack: typeof (stack ?? error.stack) === "string" ? redactString(error.stack ?? "") : undefined,
    ...(cause === undefined && error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
    ...redactEntries(Object.entries(fields).slice(0, ENTRIES_MAX), depth + 1),
  };
}
