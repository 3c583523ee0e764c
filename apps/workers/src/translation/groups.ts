/**
 * Gathers what is brought one by one into groups for `work`. What comes in one turn of the event loop goes at its end, at most
 * `itemsMax` together; while `inFlightMax` groups are under way the rest waits and shares the next one. So a lone item waits for
 * nothing, and under load groups grow by themselves. What waits is bounded by who brings it: no more than the jobs in hand.
 *
 * `work` may be repeated for an item: where it throws for a group, each of the group is tried alone, so that one which cannot be
 * worked on ends nobody else's.
 */
export interface Groups<Item, Answer> {
  /** The answer of `work` for this item. Rejects with what `work` throws. */
  bring(item: Item): Promise<Answer>;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (cause: unknown) => void;
}

export function createGroups<Item, Answer>(options: {
  readonly itemsMax: number;
  readonly inFlightMax: number;
  /** One answer per item in the same order. */
  readonly work: (items: readonly Item[]) => Promise<readonly Answer[]>;
}): Groups<Item, Answer> {
  const waiting: Waiting<Item, Answer>[] = [];
  let inFlight = 0;
  let isScheduled = false;

  return {
    bring: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        schedule();
      }),
  };

  function schedule(): void {
    if (isScheduled || waiting.length === 0 || inFlight >= options.inFlightMax) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      void run(waiting.splice(0, options.itemsMax));
      schedule();
    });
  }

  async function run(group: readonly Waiting<Item, Answer>[]): Promise<void> {
    inFlight += 1;
    try {
      await answer(group);
    } catch (error) {
      await answerAlone(group, error);
    }
    inFlight -= 1;
    schedule();
  }

  async function answer(group: readonly Waiting<Item, Answer>[]): Promise<void> {
    const answers = await options.work(group.map(({ item }) => item));
    if (answers.length !== group.length) throw new Error(`${answers.length} answers for ${group.length} items`);
    for (const [index, one] of answers.entries()) group[index]?.resolve(one);
  }

  async function answerAlone(group: readonly Waiting<Item, Answer>[], cause: unknown): Promise<void> {
    for (const one of group) {
      if (group.length === 1) one.reject(cause);
      else await answer([one]).catch(one.reject);
    }
  }
}
