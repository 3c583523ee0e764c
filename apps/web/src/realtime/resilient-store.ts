import type { ClientId } from "@ashchat/contracts/ids";
import type { Clock } from "./environment";
import type { OutboxStore, StoredEntry } from "./outbox-store";
import { createMemoryStore } from "./outbox-store";

/** A browser that has not answered by then keeps nothing (a blocked upgrade, a private window, a full disk). */
const STORE_DEADLINE_MS = 2_000;

/**
 * A store that never fails: where the durable one cannot be opened, breaks or is silent, it goes on in memory with what
 * it knew, and `onDegraded` says so once. What waits for the durable one then moves over in its order, so that nothing
 * that is written later overtakes it.
 */
export function createResilientStore(options: {
  open: () => Promise<OutboxStore>;
  clock: Clock;
  onDegraded: () => void;
}): OutboxStore {
  const { clock } = options;
  /** What the durable store holds, as far as its answers said. */
  let known = new Map<ClientId, StoredEntry>();
  let memory: OutboxStore | null = null;
  let isClosed = false;
  const patience = createPatience(clock);
  const durable = patience.answerOf(options.open());
  durable.then((store) => isClosed && store.close(), degrade);

  function degrade(): OutboxStore {
    if (memory !== null) return memory;
    memory = createMemoryStore(known.values());
    known = new Map();
    patience.giveUp();
    options.onDegraded();
    return memory;
  }

  async function use<Value>(run: (store: OutboxStore) => Promise<Value>): Promise<Value> {
    if (memory !== null) return run(memory);
    try {
      return await patience.answerOf(durable.then(run));
    } catch {
      // The cause is the browser's; what matters to the person is said by `isDurable`.
      return run(degrade());
    }
  }

  function note(entry: StoredEntry): void {
    if (memory === null) known.set(entry.clientId, entry);
  }

  return {
    get isDurable() {
      return memory === null;
    },
    async list() {
      const kept = await use((store) => store.list());
      if (memory === null) known = new Map(kept.map((entry) => [entry.clientId, entry]));
      return kept;
    },
    async add(entry) {
      const added = await use((store) => store.add(entry));
      note(added);
      return added;
    },
    async update(clientId, change) {
      const updated = await use((store) => store.update(clientId, change));
      if (updated !== null) note(updated);
      return updated;
    },
    async remove(clientId) {
      await use((store) => store.remove(clientId));
      known.delete(clientId);
      // Where it can still be reached, the next tab must not find there what is done with.
      if (memory !== null) void durable.then((store) => store.remove(clientId)).catch(() => undefined);
    },
    close() {
      isClosed = true;
      void durable.then((store) => store.close()).catch(() => undefined);
    },
  };
}

interface Patience {
  /** The answer of the browser's storage; rejects where it is too late, or where `giveUp` comes before it. */
  answerOf<Value>(work: Promise<Value>): Promise<Value>;
  giveUp(): void;
}

function createPatience(clock: Clock): Patience {
  const waiting = new Set<() => void>();
  return {
    answerOf(work) {
      return new Promise((resolve, reject) => {
        const stop = () => end(() => reject(new Error("the browser's storage does not answer")));
        const cancel = clock.after(STORE_DEADLINE_MS, stop);
        function end(settle: () => void): void {
          cancel();
          waiting.delete(stop);
          settle();
        }
        waiting.add(stop);
        work.then(
          (value) => end(() => resolve(value)),
          (cause: unknown) => end(() => reject(new Error("the browser's storage broke", { cause }))),
        );
      });
    },
    giveUp() {
      for (const stop of waiting) stop();
    },
  };
}
