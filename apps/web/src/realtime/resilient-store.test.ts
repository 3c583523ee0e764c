import "fake-indexeddb/auto";
import { newClientId, newId } from "@ashchat/contracts/ids";
import { expect, it } from "vitest";
import type { OutboxStore, StoredEntry } from "./outbox-store";
import { openIndexedDbStore } from "./outbox-store";
import { createResilientStore } from "./resilient-store";
import { atRest, createFakeClock } from "./testing/fake-clock";

const roomId = newId("room");

/** A browser's storage that a test can break: from then on every call fails, or is never answered. */
function play() {
  const userId = newId("usr");
  const clock = createFakeClock();
  const broken = new Map<keyof OutboxStore, "fails" | "silent">();
  const guard = async <Value>(name: keyof OutboxStore, work: () => Promise<Value>): Promise<Value> => {
    const how = broken.get(name);
    if (how === "fails") throw new DOMException("the disk is full", "QuotaExceededError");
    return how === "silent" ? new Promise(() => {}) : work();
  };
  const open = async (): Promise<OutboxStore> => {
    const real = await openIndexedDbStore(userId);
    return {
      ...real,
      list: () => guard("list", real.list),
      add: (entry) => guard("add", () => real.add(entry)),
      update: (clientId, change) => guard("update", () => real.update(clientId, change)),
      remove: (clientId) => guard("remove", () => real.remove(clientId)),
    };
  };
  const store = createResilientStore({ open, clock, onDegraded() {} });
  return { store, clock, broken, userId };
}

function entry(text: string): Omit<StoredEntry, "order"> {
  return { clientId: newClientId(), roomId, text, createdAt: 1, attempts: 0, internalErrors: 0, failed: null };
}

const textsOf = (entries: readonly StoredEntry[]) => entries.map(({ text }) => text);

it("P1: what was stored since the last list is still there when the storage breaks", async () => {
  const { store, broken } = play();
  await store.list();
  await store.add(entry("stored"));
  broken.set("list", "fails");
  expect(textsOf(await store.list())).toEqual(["stored"]);
  expect(store.isDurable).toBe(false);
});

it("what was sent or failed since the last list stays so when the storage breaks", async () => {
  const { store, broken } = play();
  const [sent, failed] = [entry("sent"), entry("failed")];
  await store.add(sent);
  await store.add(failed);
  await store.list();
  await store.remove(sent.clientId);
  await store.update(failed.clientId, { failed: "forbidden" });
  broken.set("list", "fails");
  expect(await store.list()).toMatchObject([{ text: "failed", failed: "forbidden" }]);
});

it("P3: what is written after the storage broke comes after what was written before", async () => {
  const { store, broken } = play();
  const gone = entry("gone");
  await store.add(gone);
  const before = await store.add(entry("before"));
  await store.remove(gone.clientId);
  await store.list();
  broken.set("add", "fails");
  const after = await store.add(entry("after"));
  const kept = await store.list();
  expect(textsOf(kept)).toEqual(["before", "after"]);
  expect(kept.map(({ order }) => order)).toEqual([before.order, after.order]);
  expect(after.order).toBeGreaterThan(before.order);
});

it("P3: what waits for a silent storage does not fall behind what is written later", async () => {
  const { store, broken, clock } = play();
  await store.list();
  broken.set("add", "silent");
  const first = store.add(entry("1"));
  await clock.advance(1_500);
  const second = store.add(entry("2"));
  await clock.advance(1_000);
  const third = store.add(entry("3"));
  await clock.advance(5_000);
  await Promise.all([first, second, third]);
  expect(textsOf(await store.list())).toEqual(["1", "2", "3"]);
});

it("what is discarded after the storage broke is not found there by the next tab", async () => {
  const { store, broken, userId } = play();
  const discarded = entry("discarded");
  await store.add(discarded);
  broken.set("list", "fails");
  await store.list();
  await store.remove(discarded.clientId);
  await atRest();
  const next = await openIndexedDbStore(userId);
  expect(await next.list()).toEqual([]);
  next.close();
});
