import type { RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Outcome } from "@ashchat/core/ports";
import { inPortions } from "./portions";

interface Asked {
  readonly roomId: RoomId;
  readonly answer: (head: Outcome<number>) => void;
}

/**
 * Heads that are asked for in one turn are answered in one turn, at most LIMITS.databaseParallelReads of them together: rooms that
 * are written for the first time share the next command as those do whose heads are known.
 */
export function createHeadReads(readHead: (roomId: RoomId) => Outcome<number>): (roomId: RoomId) => Outcome<number> {
  let asked: Asked[] = [];

  return (roomId) =>
    new Promise((answer) => {
      if (asked.length === 0) queueMicrotask(readAll);
      asked.push({ roomId, answer });
    });

  function readAll(): void {
    const now = asked;
    asked = [];
    for (const portion of inPortions(now, LIMITS.databaseParallelReads)) void readPortion(portion);
  }

  async function readPortion(portion: readonly Asked[]): Promise<void> {
    const reads = portion.map(({ roomId, answer }) => ({ head: readHead(roomId), answer }));
    await Promise.allSettled(reads.map(({ head }) => head));
    for (const { head, answer } of reads) answer(head);
  }
}
