import { LIMITS } from "@ashchat/contracts/limits";
import type { MessageView } from "@ashchat/contracts/message";
import { mergeMessage } from "./merge-message";

/**
 * A window is a dense run of messages: its n-th has seq `first + n`, so a seq is found without a search. Every function
 * returns the window itself where nothing changed.
 */
export type MessageWindow = readonly MessageView[];

export function firstSeq(window: MessageWindow): number {
  return window[0]?.seq ?? 0;
}

export function lastSeq(window: MessageWindow): number {
  return window.at(-1)?.seq ?? 0;
}

export function messageAt(window: MessageWindow, seq: number): MessageView | null {
  return window[seq - firstSeq(window)] ?? null;
}

/** Whether two windows overlap or follow each other without a hole. */
export function areTouching(a: MessageWindow, b: MessageWindow): boolean {
  if (a.length === 0 || b.length === 0) return false;
  return firstSeq(a) <= lastSeq(b) + 1 && firstSeq(b) <= lastSeq(a) + 1;
}

/** The longest dense run at the end of `messages`: what a faulty page can still be trusted with. */
export function denseTail(messages: MessageWindow): MessageWindow {
  let start = messages.length - 1;
  while (start > 0 && messages[start - 1]?.seq === (messages[start]?.seq ?? 0) - 1) start -= 1;
  return start <= 0 ? messages : messages.slice(start);
}

/** Newer states of messages that the window has; others are passed over. */
export function mergeStates(window: MessageWindow, states: readonly MessageView[]): MessageWindow {
  let merged: MessageView[] | null = null;
  for (const state of states) {
    const known = messageAt(merged ?? window, state.seq);
    if (known === null) continue;
    const next = mergeMessage(known, state);
    if (next === known) continue;
    merged ??= [...window];
    merged[state.seq - firstSeq(window)] = next;
  }
  return merged ?? window;
}

/** Two touching windows as one. */
export function joinWindows(a: MessageWindow, b: MessageWindow): MessageWindow {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const merged = mergeStates(a, b);
  const before = b.slice(0, Math.max(0, firstSeq(a) - firstSeq(b)));
  const after = lastSeq(b) > lastSeq(a) ? b.slice(lastSeq(a) - firstSeq(b) + 1) : [];
  return before.length === 0 && after.length === 0 ? merged : [...before, ...merged, ...after];
}

/** At most `max` messages, the newest, dropped by the page so that not every new message copies the window. */
export function keepNewest(window: MessageWindow, max: number): MessageWindow {
  if (window.length <= max) return window;
  const slack = Math.min(LIMITS.historyPageMessages, Math.floor(max / 2));
  return window.slice(window.length - max + slack);
}

export function keepOldest(window: MessageWindow, max: number): MessageWindow {
  return window.length <= max ? window : window.slice(0, max);
}
