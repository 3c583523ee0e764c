import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";

/**
 * One id for one flow of work, through HTTP, queue, worker and frame; every log line of the flow carries it.
 * The storage hangs on the global object because a bundler may load this module more than once into one process.
 */
const KEY = Symbol.for("ashchat.correlation");
const ID_BYTES = 12;
const ID_PATTERN = /^[A-Za-z0-9_-]{8,64}$/;

const storage = sharedStorage();

/** 16 characters of base64url, 96 random bits. */
export function newCorrelationId(): string {
  return randomBytes(ID_BYTES).toString("base64url");
}

/** Runs `work` under this id; one that is missing or malformed is replaced by a new one. */
export function withCorrelation<Value>(correlationId: unknown, work: () => Value): Value {
  const id = typeof correlationId === "string" && ID_PATTERN.test(correlationId) ? correlationId : newCorrelationId();
  return storage.run(id, work);
}

/** The id of the flow that is running, or null outside of any. */
export function currentCorrelationId(): string | null {
  const id = storage.getStore();
  return typeof id === "string" ? id : null;
}

function sharedStorage(): AsyncLocalStorage<unknown> {
  const known: unknown = Reflect.get(globalThis, KEY);
  if (known instanceof AsyncLocalStorage) return known;
  const made = new AsyncLocalStorage<unknown>();
  Reflect.set(globalThis, KEY, made);
  return made;
}
