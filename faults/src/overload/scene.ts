/** The running product under load, as a scenario needs it: addresses, and a hand on its processes. */
export interface Scene {
  /** Origin of the pages; also where the web process listens. */
  origin: string;
  realtimePort: number;
  /** Of the realtime process, for its metrics. */
  internalUrl: string;
  databaseUrl: string;
  redisUrl: string;
  namespace: string;
  /** Seals the cookies of people who are signed in already. */
  sessionSecret: string;
  stack: {
    readonly pids: Readonly<Record<string, number | undefined>>;
    kill(name: string, signal?: NodeJS.Signals): Promise<void>;
    restart(name: string): Promise<void>;
  };
  log: (line: string) => void;
}

/** A judged sentence; a message of null is a pass. */
export interface Finding {
  title: string;
  message: string | null;
}

/** Passes when `isTrue`; `otherwise` says what was found instead. */
export function finding(title: string, isTrue: boolean, otherwise: string): Finding {
  return { title, message: isTrue ? null : otherwise };
}

/** Polls until `condition` holds; the time that took, or null after the deadline. Milliseconds. */
export async function msUntil(condition: () => boolean | Promise<boolean>, deadlineMs: number): Promise<number | null> {
  const began = performance.now();
  while (!(await condition())) {
    if (performance.now() - began > deadlineMs) return null;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return performance.now() - began;
}

const POLL_MS = 50;
