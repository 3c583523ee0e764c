import { randomFillSync } from "node:crypto";
import type { RandomBytes } from "@ashchat/contracts/ids";

/**
 * Random bytes from a block that is filled at once: asking the system for a few bytes at a time costs more than everything
 * else about an id. A byte is given out once and wiped.
 */
const BLOCK_BYTES = 4_096;

export function createRandomPool(): RandomBytes {
  const block = Buffer.alloc(BLOCK_BYTES);
  let used = BLOCK_BYTES;
  return (sizeBytes) => {
    if (sizeBytes > BLOCK_BYTES - used) {
      randomFillSync(block);
      used = 0;
    }
    const bytes = new Uint8Array(block.subarray(used, used + sizeBytes));
    block.fill(0, used, used + sizeBytes);
    used += sizeBytes;
    return bytes;
  };
}
