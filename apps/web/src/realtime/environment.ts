/**
 * What the client needs of the world around it. `browser.ts` connects the real ones; tests drive fakes. Nothing here may
 * throw; what a browser does not have (private windows, old versions) has a replacement in memory.
 */
export interface Environment {
  readonly clock: Clock;
  readonly signals: Signals;
  readonly locks: Locks;
  openSocket(url: string, events: SocketEvents): OpenSocket;
  openChannel(name: string, onMessage: (message: unknown) => void): TabChannel;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` once after `ms`, unless the returned function is called before. */
  after(ms: number, run: () => void): () => void;
  /** In [0, 1). */
  random(): number;
}

export interface Signals {
  isOnline(): boolean;
  isVisible(): boolean;
  /** Called after either of them changed; returns how to stop that. */
  onChange(listener: () => void): () => void;
}

export interface Locks {
  /** Runs while this device holds `name`, alone among its tabs. Rejects only where `signal` ends the waiting. */
  hold(name: string, signal: AbortSignal, run: () => Promise<void>): Promise<void>;
}

/** Messages to the other tabs of this device. */
export interface TabChannel {
  post(message: unknown): void;
  close(): void;
}

export interface SocketEvents {
  onOpen(): void;
  onText(text: string): void;
  /** Once, whoever closed. */
  onClose(code: number): void;
}

export interface OpenSocket {
  send(text: string): void;
  close(code: number): void;
}

/** One holder at a time within this tab; what is left where the browser has no Web Locks. */
export function createMemoryLocks(): Locks {
  const tails = new Map<string, Promise<void>>();
  return {
    async hold(name, signal, run) {
      const before = tails.get(name) ?? Promise.resolve();
      const turn = before.then(() => (signal.aborted ? undefined : run()));
      const tail = turn.catch(() => undefined);
      tails.set(name, tail);
      await turn;
      if (tails.get(name) === tail) tails.delete(name);
    },
  };
}
