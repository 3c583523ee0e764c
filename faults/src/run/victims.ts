import type { ServiceName, Victims } from "./nemesis";
import { pause } from "./nemesis";

/** The running stack, as tools/stack.mjs gives it. */
export interface StackControl {
  readonly pids: Readonly<Record<string, number | undefined>>;
  kill(name: string, signal?: NodeJS.Signals): Promise<void>;
  restart(name: string): Promise<void>;
}

/** The servers, as tools/services gives them. */
export interface ServicesControl {
  kill(name: string): Promise<void>;
  startAll(names: readonly string[]): Promise<void>;
  pids(): Readonly<Record<string, number | undefined>>;
}

export interface GuardedVictims extends Victims {
  /** What ended without being made to, and what did not come back. */
  unexpected: string[];
  stop(): void;
}

const LOOK_MS = 250;

/** Harms processes on purpose and notes every end that was not on purpose (such a process is started again). */
export function guardVictims(stack: StackControl, services: ServicesControl): GuardedVictims {
  const down = new Set<string>();
  const unexpected: string[] = [];

  async function comeBack(name: string, start: () => Promise<void>): Promise<void> {
    try {
      await start();
    } catch (cause) {
      unexpected.push(`${name} did not come back: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
    down.delete(name);
  }

  const timer = setInterval(() => {
    for (const [name, pid] of Object.entries(stack.pids)) {
      if (down.has(name) || pid === undefined || isRunning(pid)) continue;
      down.add(name);
      unexpected.push(`${name} ended by itself`);
      void comeBack(name, () => stack.restart(name));
    }
  }, LOOK_MS);

  return {
    unexpected,
    async crash(name, downMs) {
      down.add(name);
      await stack.kill(name, "SIGKILL");
      await pause(downMs);
      await comeBack(name, () => stack.restart(name));
    },
    async freeze(name, forMs) {
      await stack.kill(name, "SIGSTOP");
      await pause(forMs);
      await stack.kill(name, "SIGCONT");
    },
    async crashService(name: ServiceName, downMs) {
      await services.kill(name);
      await pause(downMs);
      await comeBack(name, () => services.startAll([name]));
    },
    async freezeService(name: ServiceName, forMs) {
      const pid = services.pids()[name];
      if (pid === undefined) throw new Error(`${name} is not running`);
      process.kill(pid, "SIGSTOP");
      await pause(forMs);
      process.kill(pid, "SIGCONT");
    },
    stop: () => clearInterval(timer),
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // no such process
  }
}
