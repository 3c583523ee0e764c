import type { Clock } from "./environment";
import type { OutboxStore, StoredEntry } from "./outbox-store";
import { createMemoryStore } from "./outbox-store";

/** A browser that has not answered by then keeps nothing (a blocked upgrade, a private window, a full disk). */
const STORE_DEADLINE_MS = 2_000;

/**
 * A store that never fails: where the durable one cannot be opened, breaks or is silent, it goes on in memory with what
 * it knew, and `onDegraded` says so once.
 */
export function createResilientStore(options: {
  open: () => Promise<OutboxStore>;
  clock: Clock;
  onDegraded: () => void;
}): OutboxStore {
  const { clock } = options;
  let known: readonly StoredEntry[] = [];
  let isDurable = true;
  let isClosed = false;
  const memory = createMemoryStore();
  let degrading: Promise<OutboxStore> | null = null;
  const durable = withDeadline(options.open(), clock);
  durable.then((store) => isClosed && store.close(), degrade);

  function degrade(): Promise<OutboxStore> {
    isDurable = false;
    degrading ??= fill().then(() => memory);
    return degrading;
  }

  async function fill(): Promise<void> {
    options.onDegraded();
    for (const { order: _, ...entry } of known) await memory.add(entry);
  }

  async function use<Value>(run: (store: OutboxStore) => Promise<Value>): Promise<Value> {
    if (degrading !== null) return run(await degrading);
    try {
      return await withDeadline(durable.then(run), clock);
    } catch {
      // The cause is the browser's; what matters to the person is said by `isDurable`.
      return run(await degrade());
    }
  }

  return {
    get isDurable() {
      return isDurable;
    },
    async list() {
      known = await use((store) => store.list());
      return [...known];
    },
    add: (entry) => use((store) => store.add(entry)),
    update: (clientId, change) => use((store) => store.update(clientId, change)),
    remove: (clientId) => use((store) => store.remove(clientId)),
    close() {
      isClosed = true;
      void durable.then((store) => store.close()).catch(() => undefined);
    },
  };
}

function withDeadline<Value>(work: Promise<Value>, clock: Clock): Promise<Value> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(STORE_DEADLINE_MS, () => reject(new Error("the browser's storage does not answer")));
    work.then(resolve, reject).finally(cancel);
  });
}
