import { pick, type Random } from "@ashchat/visitor/random";
import type { Crowd } from "./crowd";
import type { House } from "./house";
import { figuresOf, type Ledger, type LoadFigures, type SendFact } from "./ledger";
import { msUntil } from "./scene";

/** Everything that a load is made with. */
export interface LoadTools {
  crowd: Crowd;
  house: House;
  ledger: Ledger;
  random: Random;
}

export interface Load {
  ratePerSecond: number;
  forMs: number;
  /** Signs of four bytes that every text gets beyond the usual ten words. */
  padding?: number;
}

const TICK_MS = 5;
const MS_PER_SECOND = 1_000;
/** Behind by more than this the generator gives up what it missed: it would be a blow, not a rate. */
const BEHIND_MS_MAX = 250;
/** Whoever has no answer by then has none. */
const ANSWER_MS = 10_000;

/** Open loop: sends at the rate whatever becomes of what was sent before. Resolves when the last one is sent. */
export async function sendAt({ crowd, house, ledger, random }: LoadTools, load: Load): Promise<SendFact[]> {
  const first = ledger.sends.length;
  const began = performance.now();
  let last = began;
  let due = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const now = performance.now();
      due += (Math.min(now - last, BEHIND_MS_MAX) * load.ratePerSecond) / MS_PER_SECOND;
      last = now;
      for (; due >= 1; due -= 1) crowd.send(pick(random, house.rooms), load.padding);
      if (now - began < load.forMs) return;
      clearInterval(timer);
      resolve();
    }, TICK_MS);
  });
  return ledger.sends.slice(first);
}

/** The same, and waits until everything is answered and heard, or late for good. */
export async function offer(tools: LoadTools, load: Load): Promise<LoadFigures> {
  const sends = await sendAt(tools, load);
  await msUntil(() => tools.ledger.open() === 0, ANSWER_MS);
  return figuresOf(sends, load.forMs);
}
