import type { Cursor, MessageView } from "@ashchat/contracts/message";
import { charsOf } from "@ashchat/core/message-view";

export interface Page {
  readonly from: Cursor;
  readonly to: Cursor;
  readonly messages: readonly MessageView[];
  readonly changed: readonly MessageView[];
}

/** UTF-16 units of text in one frame: at most about 300 KB, so that live frames still fit into a socket's queue. */
const FRAME_CHARS_MAX = 100_000;

/** One where it is small enough, else several, each of them a page in itself; only the last one moves the change cursor. */
export function framesOf(page: Page): Page[] {
  if (charsIn(page.messages) + charsIn(page.changed) <= FRAME_CHARS_MAX) return [page];
  const parts = [
    ...splitByChars(page.messages).map((messages) => ({ messages, changed: [] })),
    ...splitByChars(page.changed).map((changed) => ({ messages: [], changed })),
  ];
  const frames: Page[] = [];
  let { from } = page;
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    const seq = part.messages.at(-1)?.seq ?? from.seq;
    const to = isLast ? page.to : { seq, changeSeq: from.changeSeq };
    frames.push({ from, to, ...part });
    from = to;
  }
  return frames;
}

/** At least one view in each. */
function splitByChars(views: readonly MessageView[]): MessageView[][] {
  const parts: MessageView[][] = [];
  let part: MessageView[] = [];
  let chars = 0;
  for (const view of views) {
    const size = charsOf(view);
    if (part.length > 0 && chars + size > FRAME_CHARS_MAX) {
      parts.push(part);
      part = [];
      chars = 0;
    }
    part.push(view);
    chars += size;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

function charsIn(views: readonly MessageView[]): number {
  return views.reduce((sum, view) => sum + charsOf(view), 0);
}
