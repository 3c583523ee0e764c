import { errorCodeSchema } from "@ashchat/contracts/errors";
import type { ClientId, UserId } from "@ashchat/contracts/ids";
import { clientIdSchema, roomIdSchema } from "@ashchat/contracts/ids";
import type { DBSchema, IDBPDatabase } from "idb";
import { openDB } from "idb";
import * as z from "zod/mini";

/** An unsent message as the device keeps it. `order` is one sequence over all tabs. */
const storedEntrySchema = z.object({
  order: z.int(),
  clientId: clientIdSchema,
  roomId: roomIdSchema,
  text: z.string(),
  createdAt: z.int(),
  attempts: z.int(),
  /** Of the attempts those that ended as `internal`. Entries of earlier versions do not have it. */
  internalErrors: z._default(z.int(), 0),
  /** Null: queued; else why it failed. */
  failed: z.nullable(errorCodeSchema),
});
export type StoredEntry = z.infer<typeof storedEntrySchema>;
export type EntryChange = Partial<Pick<StoredEntry, "attempts" | "internalErrors" | "failed">>;

/** What survives the tab. Every method may be repeated; none throws: a store that breaks answers as if it were empty. */
export interface OutboxStore {
  /** False: only this tab's memory. */
  readonly isDurable: boolean;
  /** Sorted by `order`. */
  list(): Promise<StoredEntry[]>;
  add(entry: Omit<StoredEntry, "order">): Promise<StoredEntry>;
  /** Null where it is gone: another tab has sent or discarded it. */
  update(clientId: ClientId, change: EntryChange): Promise<StoredEntry | null>;
  remove(clientId: ClientId): Promise<void>;
  close(): void;
}

interface OutboxDatabase extends DBSchema {
  entries: { key: number; value: Omit<StoredEntry, "order"> & { order?: number }; indexes: { clientId: string } };
}

const VERSION = 1;

/**
 * The outbox of one account in this browser: another account on the same browser has another database and never sees, and
 * so never sends, what is in this one. Rejects where the browser keeps nothing.
 */
export async function openIndexedDbStore(userId: UserId): Promise<OutboxStore> {
  const database = await openDB<OutboxDatabase>(`ashchat-outbox-${userId}`, VERSION, {
    upgrade(upgraded) {
      const entries = upgraded.createObjectStore("entries", { keyPath: "order", autoIncrement: true });
      entries.createIndex("clientId", "clientId", { unique: true });
    },
    // A newer version of the app in another tab must not wait for this one.
    blocking: (_current, _blocked, event) => closeDatabase(event.target),
  });
  return storeOver(database);
}

function closeDatabase(target: EventTarget | null): void {
  if (target instanceof IDBDatabase) target.close();
}

function storeOver(database: IDBPDatabase<OutboxDatabase>): OutboxStore {
  return {
    isDurable: true,
    async list() {
      const kept: unknown[] = await database.getAll("entries");
      return kept.flatMap((entry) => {
        const parsed = storedEntrySchema.safeParse(entry);
        return parsed.success ? [parsed.data] : [];
      });
    },
    async add(entry) {
      const order = await database.add("entries", entry);
      return { ...entry, order };
    },
    async update(clientId, change) {
      const transaction = database.transaction("entries", "readwrite");
      const known = storedEntrySchema.safeParse(await transaction.store.index("clientId").get(clientId));
      if (!known.success) return null;
      const updated = { ...known.data, ...change };
      await transaction.store.put(updated);
      await transaction.done;
      return updated;
    },
    async remove(clientId) {
      const transaction = database.transaction("entries", "readwrite");
      const order = await transaction.store.index("clientId").getKey(clientId);
      if (order !== undefined) await transaction.store.delete(order);
      await transaction.done;
    },
    close: () => database.close(),
  };
}

/** Lost with the tab; what is left where the browser keeps nothing. Goes on from what is `known`, in its order. */
export function createMemoryStore(known: Iterable<StoredEntry> = []): OutboxStore {
  const entries = new Map([...known].map((entry) => [entry.clientId, entry] as const));
  let order = Math.max(0, ...[...entries.values()].map((entry) => entry.order));
  return {
    isDurable: false,
    list: async () => [...entries.values()].toSorted((a, b) => a.order - b.order),
    async add(entry) {
      order += 1;
      const added = { ...entry, order };
      entries.set(entry.clientId, added);
      return added;
    },
    async update(clientId, change) {
      const known = entries.get(clientId);
      if (known === undefined) return null;
      const updated = { ...known, ...change };
      entries.set(clientId, updated);
      return updated;
    },
    async remove(clientId) {
      entries.delete(clientId);
    },
    close: () => entries.clear(),
  };
}
