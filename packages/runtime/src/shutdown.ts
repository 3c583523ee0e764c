import type { Logger } from "./logger";

/**
 * An ordered end. Groups close one after the other, what is in one group closes at once:
 *   intake       what lets new work in: servers, consumers
 *   work         what is under way: queues in memory, timers
 *   connections  database, broker, Redis
 *   last         health and metrics, so that the end can be watched
 * Past the deadline the process ends with a failure; a closer that fails does not keep the others from closing.
 */
export const SHUTDOWN_GROUPS = ["intake", "work", "connections", "last"] as const;
export type ShutdownGroup = (typeof SHUTDOWN_GROUPS)[number];

export interface Shutdown {
  add(group: ShutdownGroup, name: string, close: () => Promise<void> | void): void;
  /** Closes everything once; later calls get the same promise. True when all closed well and in time. */
  run(reason: string): Promise<boolean>;
  readonly isRunning: () => boolean;
}

interface Closer {
  readonly group: ShutdownGroup;
  readonly name: string;
  readonly close: () => Promise<void> | void;
}

export function createShutdown(options: { log: Logger; timeoutMs: number }): Shutdown {
  const closers: Closer[] = [];
  let running: Promise<boolean> | null = null;
  return {
    add: (group, name, close) => void closers.push({ group, name, close }),
    run: (reason) => (running ??= closeInTime(closers, { ...options, reason })),
    isRunning: () => running !== null,
  };
}

async function closeInTime(
  closers: readonly Closer[],
  { log, timeoutMs, reason }: { log: Logger; timeoutMs: number; reason: string },
): Promise<boolean> {
  log.info({ reason, timeoutMs }, "ending");
  const startedAt = Date.now();
  const open = new Set(closers.map(({ name }) => name));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const finished = await Promise.race([closeGroups(closers, open, log), late]);
  clearTimeout(timer);
  if (open.size > 0) log.error({ stillOpen: [...open] }, "not everything closed in time");
  log.info({ tookMs: Date.now() - startedAt, clean: finished }, "ended");
  return finished;
}

async function closeGroups(closers: readonly Closer[], open: Set<string>, log: Logger): Promise<boolean> {
  let clean = true;
  for (const group of SHUTDOWN_GROUPS) {
    const members = closers.filter((closer) => closer.group === group);
    const results = await Promise.all(members.map((closer) => closeOne(closer, open, log)));
    clean = clean && results.every(Boolean);
  }
  return clean;
}

async function closeOne(closer: Closer, open: Set<string>, log: Logger): Promise<boolean> {
  try {
    await closer.close();
    return true;
  } catch (error) {
    log.error({ err: error, part: closer.name }, "could not close");
    return false;
  } finally {
    open.delete(closer.name);
  }
}
