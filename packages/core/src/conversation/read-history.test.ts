import { historyOutputSchema } from "@ashchat/contracts/api";
import { newId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ANA,
  answering,
  audienceOf,
  callerOf,
  member,
  outcomeOf,
  readerOf,
  ROOM_ID,
  storedMessage,
} from "../testing/fakes";
import { readHistory, type ReadHistoryInput } from "./read-history";

const SIZE = LIMITS.historyPageMessages;

async function read(head: number, where: Omit<ReadHistoryInput, "roomId"> = {}, joinedSeq = 0) {
  const all = Array.from({ length: head + 3 }, (_, index) => storedMessage({ seq: index + 1 }));
  const deps = {
    audience: readerOf(audienceOf(member(ANA, "es", { joinedSeq }))),
    messages: {
      // Three more came after the heads were read.
      heads: () => answering(new Map([[ROOM_ID, { seq: head, changeSeq: 4 }]])),
      page: ({ after, before, limit }: { after: number; before: number | null; limit: number }) =>
        answering(all.filter(({ seq }) => seq > after && seq < (before ?? Infinity)).slice(0, limit)),
    },
  };
  const outcome = outcomeOf(await readHistory(deps, callerOf(ANA), { roomId: ROOM_ID, ...where }));
  if ("code" in outcome) throw new Error(outcome.code);
  expect(historyOutputSchema.parse(outcome)).toEqual(outcome);
  const seqs = outcome.messages.map((message) => message.seq);
  return { ...outcome, seqs, first: seqs[0], last: seqs.at(-1) };
}

describe("a page of history", () => {
  test.each([
    ["the newest page", 120, {}, 0, [71, 120], true, false],
    ["a short room", 3, {}, 0, [1, 3], false, false],
    ["before a message", 120, { before: 71 }, 0, [21, 70], true, true],
    ["before a message near the beginning", 120, { before: 21 }, 0, [1, 20], false, true],
    ["around a message", 120, { around: 60 }, 0, [35, 84], true, true],
    ["around the first", 120, { around: 1 }, 0, [1, 50], false, true],
    ["around the last", 120, { around: 120 }, 0, [71, 120], true, false],
    ["around one beyond the head", 120, { around: 999 }, 0, [71, 120], true, false],
    ["never from before one's joining", 120, {}, 100, [101, 120], false, false],
    ["around one from before one's joining", 120, { around: 50 }, 60, [61, 110], false, true],
  ] as const)("%s", async (_name, head, where, joinedSeq, [first, last], hasOlder, hasNewer) => {
    const page = await read(head, where, joinedSeq);
    expect(page).toMatchObject({ first, last, hasOlder, hasNewer, cursor: { seq: head, changeSeq: 4 } });
  });

  test.each([
    ["an empty room", 0, {}, 0, false],
    ["before the first", 9, { before: 1 }, 0, true],
    ["before one's joining", 9, { before: 4 }, 5, true],
    ["a room in which nobody wrote since one joined", 9, {}, 9, false],
  ] as const)("%s is an empty page", async (_name, head, where, joinedSeq, hasNewer) => {
    expect(await read(head, where, joinedSeq)).toMatchObject({ seqs: [], hasOlder: false, hasNewer });
  });

  test("P3: is always one unbroken row of at most a page, within what the reader may see and the heads that were read", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(200),
        fc.nat(200),
        fc.option(fc.nat(220)),
        fc.boolean(),
        async (head, joined, at, isAround) => {
          const joinedSeq = Math.min(joined, head);
          const where = at === null ? {} : isAround ? { around: at } : { before: at };
          const page = await read(head, where, joinedSeq);
          expect(page.seqs.length).toBeLessThanOrEqual(SIZE);
          expect(page.seqs).toEqual(page.seqs.map((_, index) => (page.first ?? 0) + index));
          for (const seq of page.seqs) expect(seq > joinedSeq && seq <= head).toBe(true);
          if (page.first !== undefined) expect(page.hasOlder).toBe(page.first > joinedSeq + 1);
          if (page.last !== undefined) expect(page.hasNewer).toBe(page.last < head);
          if (at !== null && isAround && at > joinedSeq && at <= head) expect(page.seqs).toContain(at);
        },
      ),
    );
  });

  test("a stranger gets not_found", async () => {
    const deps = {
      audience: readerOf(audienceOf()),
      messages: { heads: () => answering(new Map()), page: () => answering([]) },
    };
    expect(outcomeOf(await readHistory(deps, callerOf(newId("usr")), { roomId: ROOM_ID }))).toEqual({
      code: "not_found",
    });
  });
});
