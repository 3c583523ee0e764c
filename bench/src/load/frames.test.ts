import * as fc from "fast-check";
import * as ws from "ws";
import { describe, expect, it } from "vitest";
import { createFrameParser } from "./frames";

const text = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.constantFrom(125, 126, 65_535, 65_536).map((length) => "x".repeat(length)),
);

// `ws` exports it; its types do not say so.
const { Sender } = ws as unknown as {
  Sender: {
    frame(
      data: Buffer,
      options: { fin: boolean; opcode: number; mask: boolean; readOnly: boolean; rsv1: boolean },
    ): Buffer[];
  };
};

function framesOf(texts: readonly string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((one) =>
      Sender.frame(Buffer.from(one), { fin: true, opcode: 1, mask: false, readOnly: false, rsv1: false }),
    ),
  );
}

describe("the load generator's parser", () => {
  it("reads every frame of a server once and in order, however the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 8 }), fc.integer({ min: 1, max: 5_000 }), (texts, chunkBytes) => {
        const seen: string[] = [];
        const parse = createFrameParser({
          text: (payload) => seen.push(payload.toString()),
          ping: () => undefined,
          close: () => undefined,
        });
        const stream = framesOf(texts);
        for (let offset = 0; offset < stream.length; offset += chunkBytes)
          parse(stream.subarray(offset, offset + chunkBytes));
        expect(seen).toEqual(texts);
      }),
      { numRuns: 50 },
    );
  });
});
