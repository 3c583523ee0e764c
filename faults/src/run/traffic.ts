import { between, pick, type Random } from "@ashchat/visitor/random";
import type { Device } from "./device";
import { textOf } from "./texts";

/** Sends all messages at the given rate while what is under way stays below a bound; people also read. */
export interface Traffic {
  sent(): number;
  /** Resolves when the last message was handed to an outbox; rejects after the deadline. */
  finished: Promise<void>;
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

export function startTraffic(options: TrafficOptions): Traffic {
  const { devices, messages, ratePerSecond, random, deadlineMs, share } = options;
  const began = Date.now();
  let sent = 0;
  let due = 0;
  let ticks = 0;
  let lastTick = began;

  function tick(): void {
    const now = Date.now();
    const rate = sent > messages * share() ? ratePerSecond * TRICKLE : ratePerSecond;
    due = Math.min(due + ((now - lastTick) * rate) / MS_PER_SECOND, ratePerSecond);
    lastTick = now;
    ticks += 1;
    if (ticks % READ_EVERY_TICKS === 0) read(pick(random, devices), random);
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
  return { sent: () => sent, finished };
}

/** Somebody looks at a room and sees it to its end, or nearly. */
function read(device: Device, random: Random): void {
  const roomId = pick(random, device.roomIds);
  const seq = device.tracker.shownSeq(roomId) - between(random, 0, 2);
  if (seq > 0) device.client.markRead(roomId, seq);
}
