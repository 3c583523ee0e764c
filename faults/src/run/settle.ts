import type { History } from "@ashchat/contracts/api";
import type { RoomId } from "@ashchat/contracts/ids";
import type { DeviceFact, StoredFact, VisibleFact } from "../history";
import type { DatabaseReader } from "./database";
import type { Device } from "./device";
import { pause } from "./nemesis";
import { visibleFact } from "./tracker";

/** The end of a run: waits until everything has come to rest, then compares every device with a cold fetch. */

const LOOK_MS = 250;
/** Consecutive reads with nothing pending: between insert and publish, work may be about to become pending. */
const CALM_LOOKS = 4;

export interface Rest {
  /** Milliseconds until all outboxes were empty, and until nothing was pending; null: not in time. */
  outboxesMs: number | null;
  pendingMs: number | null;
}

export async function waitForRest(
  devices: readonly Device[],
  database: DatabaseReader,
  deadlineMs: number,
): Promise<Rest> {
  const began = Date.now();
  const outboxesMs = await calm(began + deadlineMs, async () => devices.every((device) => device.unsent() === 0));
  const pendingMs = await calm(began + deadlineMs, async () => (await database.pending()) === 0);
  const since = (at: number | null) => (at === null ? null : at - began);
  return { outboxesMs: since(outboxesMs), pendingMs: since(pendingMs) };
}

/** When `isCalm` began to hold for good; null when it did not before `deadline`. */
async function calm(deadline: number, isCalm: () => Promise<boolean>): Promise<number | null> {
  let looks = 0;
  let since = Date.now();
  while (looks < CALM_LOOKS) {
    if (await isCalm()) looks += 1;
    else [looks, since] = [0, Date.now()];
    if (Date.now() > deadline && looks === 0) return null;
    await pause(LOOK_MS);
  }
  return since;
}

/**
 * What every device holds beside a fresh fetch of the same room by the same person. Devices that differ may come
 * to agree until the deadline: an announcement that Redis lost is found by the servers' own audit.
 */
export async function compareDevices(
  devices: readonly Device[],
  stored: readonly StoredFact[],
  deadlineMs: number,
): Promise<{ facts: DeviceFact[]; agreedMs: number | null }> {
  const began = Date.now();
  const cold = await fetchCold(devices);
  const heads = headsOf(stored);
  for (;;) {
    for (const device of devices) await fillHoles(device, heads);
    const facts = devices.flatMap((device) => factsOf(device, cold));
    const isAnswered = devices.every((device) => device.tracker.unanswered() === 0);
    const isAgreed =
      isAnswered && facts.every(({ kept, cold: fresh }) => JSON.stringify(kept) === JSON.stringify(fresh));
    if (isAgreed) return { facts, agreedMs: Date.now() - began };
    if (Date.now() - began > deadlineMs) return { facts, agreedMs: null };
    await pause(LOOK_MS);
  }
}

type Cold = ReadonlyMap<string, readonly VisibleFact[]>;

const coldKey = (device: Device, roomId: RoomId) => `${device.userId} ${roomId}`;

async function fetchCold(devices: readonly Device[]): Promise<Cold> {
  const cold = new Map<string, readonly VisibleFact[]>();
  for (const device of devices) {
    for (const roomId of device.roomIds) {
      const key = coldKey(device, roomId);
      if (!cold.has(key)) cold.set(key, await fetchRoom(device, roomId));
    }
  }
  return cold;
}

/** Longer than the minute after which a person who asked too often may ask again. */
const FETCH_TRIES = 75;
const FETCH_AGAIN_MS = 1_000;

async function fetchRoom(device: Device, roomId: RoomId): Promise<VisibleFact[]> {
  const facts: VisibleFact[] = [];
  for (let before: number | undefined; ;) {
    const page = await fetchPage(device, { roomId, ...(before === undefined ? {} : { before }) });
    facts.unshift(...page.messages.map(visibleFact));
    before = page.messages[0]?.seq;
    if (!page.hasOlder || before === undefined) return facts;
  }
}

async function fetchPage(device: Device, input: { roomId: RoomId; before?: number }): Promise<History> {
  for (let tries = 1; ; tries += 1) {
    const answer = await device.api.history(input);
    if (answer.ok) return answer.value;
    if (tries === FETCH_TRIES) throw new Error(`${device.name} could not fetch ${input.roomId}: ${answer.error.code}`);
    await pause(FETCH_AGAIN_MS);
  }
}

const HOLES_MAX = 200;

/** After a jump over a large gap the person scrolls up: what was jumped over is fetched as the client does it. */
async function fillHoles(device: Device, heads: ReadonlyMap<RoomId, number>): Promise<void> {
  for (const roomId of device.roomIds) {
    const head = Math.min(heads.get(roomId) ?? 0, device.tracker.shownSeq(roomId));
    for (let filled = 0; filled < HOLES_MAX; filled += 1) {
      const seq = firstMissing(device.tracker.shownFirst(roomId), head);
      if (seq === null || (await device.client.loadAround(roomId, seq)) === null) break;
      device.tracker.scrolled(roomId, viewed(device, roomId));
      device.client.jumpToLatest(roomId);
    }
  }
}

function firstMissing(seen: ReadonlyMap<number, VisibleFact>, head: number): number | null {
  for (let seq = 1; seq <= head; seq += 1) if (!seen.has(seq)) return seq;
  return null;
}

function viewed(device: Device, roomId: RoomId) {
  return device.client.getSnapshot().conversations.get(roomId)?.messages ?? [];
}

/** What has left the device's window keeps the state in which it was shown: only its place is compared. */
function factsOf(device: Device, cold: Cold): DeviceFact[] {
  return device.roomIds.map((roomId) => {
    const view = viewed(device, roomId).map(visibleFact);
    const inView = new Set(view.map((message) => message.seq));
    const past = (fact: VisibleFact): VisibleFact =>
      inView.has(fact.seq) ? fact : { ...fact, text: null, revision: 0, translation: null, translationOf: null };
    const gone = [...device.tracker.shownFirst(roomId).values()].filter((fact) => !inView.has(fact.seq)).map(past);
    return {
      device: device.name,
      userId: device.userId,
      language: device.language,
      roomId,
      kept: [...gone, ...view].toSorted((a, b) => a.seq - b.seq),
      cold: (cold.get(coldKey(device, roomId)) ?? []).map(past),
    };
  });
}

function headsOf(stored: readonly StoredFact[]): Map<RoomId, number> {
  const heads = new Map<RoomId, number>();
  for (const { roomId, seq } of stored) heads.set(roomId, Math.max(heads.get(roomId) ?? 0, seq));
  return heads;
}
