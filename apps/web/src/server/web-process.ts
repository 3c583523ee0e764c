import type { CrashPoint } from "@ashchat/core/crash";
import type { Logger } from "@ashchat/runtime/logger";
import type { Metrics } from "@ashchat/runtime/metrics";
import type { Shutdown } from "@ashchat/runtime/shutdown";
import type { WebEnv } from "./env";
import type { Services } from "./services";

/**
 * What this process has once. It hangs on the global object because Next loads modules several times into one process: for
 * the start, for routes, for pages, and again after every change in development.
 */
export interface WebProcess {
  readonly env: WebEnv;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly shutdown: Shutdown;
  readonly crash: CrashPoint;
  services: Promise<Services> | null;
}

const KEY = Symbol.for("ashchat.web");

export function knownProcess(): WebProcess | null {
  // Set below and nowhere else.
  const known = Reflect.get(globalThis, KEY) as WebProcess | undefined;
  return known ?? null;
}

export function keepProcess(made: WebProcess): WebProcess {
  Reflect.set(globalThis, KEY, made);
  return made;
}
