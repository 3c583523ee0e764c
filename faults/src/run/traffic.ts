import { between, pick, type Random } from "@ashchat/visitor/random";
import type { Device } from "./device";
import { textOf } from "./texts";

/** Sends all messages at the given rate while what is under way stays below a bound; people also read, edit and delete. */
export interface Traffic {
  sent(): number;
  /** Resolves when the last message was handed to an outbox; rejects after the deadline. */
  finished: Promise<void>;
  /** Resolves when every edit and deletion has ended; to be asked when all messages are sent. */
  changed(): Promise<void>;
}

export interface TrafficOptions {
  devices: readonly Device[];
  messages: number;
  ratePerSecond: number;
  random: Random;
  deadlineMs: number;
  /** How much may be sent, 0 to 1: beyond it only a trickle, so that the last fault still meets traffic. */
  share: () => number;
}

const TICK_MS = 20;
const MS_PER_SECOND = 1_000;
/** Of all devices together: beyond it the machine, not the product, would be tested. */
const UNDER_WAY_MAX = 600;
const READ_EVERY_TICKS = 10;
const TRICKLE = 1 / 8;
/** Of the messages sent: so many are followed by an edit or a deletion of an own one. */
const EDIT_SHARE = 0.06;
const DELETE_SHARE = 0.03;
/** Of a room's own messages one of the last so many. */
const CHANGE_BACK = 20;
/** More are not begun: with a dead server each of them asks for half a minute. */
const CHANGES_UNDER_WAY_MAX = 40;

export function startTraffic(options: TrafficOptions): Traffic {
  const { devices, messages, ratePerSecond, random, deadlineMs, share } = options;
  const began = Date.now();
  let sent = 0;
  let due = 0;
  let ticks = 0;
  let lastTick = began;
  let changed = 0;
  const changes = new Set<Promise<void>>();

  /** Somebody edits or deletes an own message; the texts of edits are numbered on, so that none comes twice. */
  function change(): void {
    const device = pick(random, devices);
    const own = device.own(pick(random, device.roomIds)).slice(-CHANGE_BACK);
    if (own.length === 0) return;
    const isEdit = random() * (EDIT_SHARE + DELETE_SHARE) < EDIT_SHARE;
    changed += 1;
    const text = isEdit ? textOf(messages + changed, device.language, random) : null;
    const changing = device.change(pick(random, own), text).finally(() => changes.delete(changing));
    changes.add(changing);
  }

  function tick(): void {
    const now = Date.now();
    const rate = sent > messages * share() ? ratePerSecond * TRICKLE : ratePerSecond;
    due = Math.min(due + ((now - lastTick) * rate) / MS_PER_SECOND, ratePerSecond);
    lastTick = now;
    ticks += 1;
    if (ticks % READ_EVERY_TICKS === 0) read(pick(random, devices), random);
    const isChangeDue = changed < sent * (EDIT_SHARE + DELETE_SHARE);
    if (isChangeDue && changes.size < CHANGES_UNDER_WAY_MAX) change();
    const underWay = devices.reduce((sum, device) => sum + device.tracker.open(), 0);
    for (let left = UNDER_WAY_MAX - underWay; left > 0 && due >= 1 && sent < messages; left -= 1) {
      due -= 1;
      const device = pick(random, devices);
      if (device.send(pick(random, device.roomIds), textOf(sent, device.language, random))) sent += 1;
    }
  }

  const finished = new Promise<void>((resolve, reject) => {
    const timer = setInterval(() => {
      tick();
      const isLate = Date.now() - began > deadlineMs;
      if (sent < messages && !isLate) return;
      clearInterval(timer);
      if (sent >= messages) resolve();
      else reject(new Error(`only ${sent} of ${messages} messages were taken by the outboxes in ${deadlineMs} ms`));
    }, TICK_MS);
  });
  return { sent: () => sent, finished, changed: async () => void (await Promise.all(changes)) };
}

/** Somebody looks at a room and sees it to its end, or nearly. */
function read(device: Device, random: Random): void {
  const roomId = pick(random, device.roomIds);
  const seq = device.tracker.shownSeq(roomId) - between(random, 0, 2);
  if (seq > 0) device.client.markRead(roomId, seq);
}
