import { viewMessage } from "@ashchat/core/message-view";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { framesOf, type Page } from "./page-frames";
import { aMessage, someRoom } from "./testing/factories";

const FRAME_CHARS_MAX = 100_000;

it("P4, P11: frames of a page hold all of it once and in order, join, are small, and end where it ends", () => {
  const roomId = someRoom();
  const views = (firstSeq: number, sizes: readonly number[]) =>
    sizes.map((size, index) =>
      viewMessage({ ...aMessage({ roomId, seq: firstSeq + index }), text: "x".repeat(size) }, null),
    );
  const sizes = fc.array(fc.integer({ min: 0, max: 8_000 }), { maxLength: 60 });
  fc.assert(
    fc.property(sizes, sizes, (messageSizes, changedSizes) => {
      const from = { seq: 100, changeSeq: 7 };
      const to = { seq: 100 + messageSizes.length, changeSeq: 7 + changedSizes.length };
      const page: Page = { from, to, messages: views(101, messageSizes), changed: views(1, changedSizes) };
      const frames = framesOf(page);
      expect(frames.flatMap(({ messages }) => messages)).toEqual(page.messages);
      expect(frames.flatMap(({ changed }) => changed)).toEqual(page.changed);
      expect(frames.map((frame) => frame.from)).toEqual([from, ...frames.slice(0, -1).map((frame) => frame.to)]);
      expect(frames.at(-1)?.to).toEqual(to);
      for (const frame of frames.slice(0, -1)) expect(frame.to.changeSeq).toBe(from.changeSeq);
      for (const { from: start, to: end, messages, changed } of frames) {
        expect(messages.every(({ seq }) => seq > start.seq && seq <= end.seq)).toBe(true);
        const chars = [...messages, ...changed].reduce((sum, { text }) => sum + (text?.length ?? 0), 0);
        expect(chars).toBeLessThanOrEqual(FRAME_CHARS_MAX);
      }
    }),
  );
});
