import { LIMITS } from "@ashchat/contracts/limits";
import { codePoints } from "@ashchat/contracts/text";

/** Cuts into runs of at most LIMITS.translateBatchTextsMax texts and, but for a single longer one, so many code points. */
export function splitBatches<Item>(items: readonly Item[], textOf: (item: Item) => string): Item[][] {
  const batches: Item[][] = [];
  let current: Item[] = [];
  let size = 0;
  for (const item of items) {
    const itemSize = codePoints(textOf(item));
    const isFull =
      current.length >= LIMITS.translateBatchTextsMax || size + itemSize > LIMITS.translateBatchCodePointsMax;
    if (isFull && current.length > 0) {
      batches.push(current);
      current = [];
      size = 0;
    }
    current.push(item);
    size += itemSize;
  }
  if (current.length > 0) batches.push(current);
  return batches;
}

export interface Gatherer<Item, Answer> {
  /** The answer for `item`, asked together with those that come within LIMITS.translationGatherMs in the same group. */
  ask(item: Item): Promise<Answer>;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (cause: unknown) => void;
}

/** Gathers what is asked one by one into batches; `work` answers one per item in the same order. */
export function createGatherer<Item, Answer>(options: {
  readonly groupOf: (item: Item) => string;
  readonly textOf: (item: Item) => string;
  readonly work: (items: readonly Item[]) => Promise<readonly Answer[]>;
}): Gatherer<Item, Answer> {
  const groups = new Map<string, Waiting<Item, Answer>[]>();

  async function run(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await options.work(batch.map((waiting) => waiting.item));
      for (const [index, answer] of answers.entries()) batch[index]?.resolve(answer);
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }

  function flush(group: string): void {
    const waiting = groups.get(group) ?? [];
    groups.delete(group);
    for (const batch of splitBatches(waiting, (one) => options.textOf(one.item))) void run(batch);
  }

  return {
    ask(item) {
      return new Promise((resolve, reject) => {
        const group = options.groupOf(item);
        const waiting = groups.get(group);
        if (waiting !== undefined) return void waiting.push({ item, resolve, reject });
        groups.set(group, [{ item, resolve, reject }]);
        setTimeout(() => flush(group), LIMITS.translationGatherMs);
      });
    },
  };
}
