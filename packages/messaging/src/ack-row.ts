/**
 * Which deliveries of one channel may be acknowledged. Tags come in ascending order. Finished ones that form an unbroken
 * row from the oldest outstanding one are acknowledged in one step; those behind a gap one by one, so that nothing that is
 * still being worked on is ever included and one slow job holds up nobody.
 */
export interface AckRow {
  arrived(tag: number): void;
  finished(tag: number): void;
  /** Given back to the broker: no longer ours to acknowledge. */
  returned(tag: number): void;
  /** What can be acknowledged now; each tag comes out once. */
  take(): { readonly allUpTo: number | null; readonly single: readonly number[] };
  outstanding(): number;
}

export function createAckRow(): AckRow {
  const outstanding = new Set<number>();
  const finished = new Set<number>();
  return {
    arrived: (tag) => void outstanding.add(tag),
    finished: (tag) => {
      if (outstanding.has(tag)) finished.add(tag);
    },
    returned: (tag) => {
      outstanding.delete(tag);
      finished.delete(tag);
    },
    outstanding: () => outstanding.size,
    take: () => {
      let allUpTo: number | null = null;
      for (const tag of outstanding) {
        if (!finished.has(tag)) break;
        allUpTo = tag;
        outstanding.delete(tag);
        finished.delete(tag);
      }
      const single = [...finished];
      for (const tag of single) outstanding.delete(tag);
      finished.clear();
      return { allUpTo, single };
    },
  };
}
