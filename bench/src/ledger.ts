/**
 * Which deliveries are still due, of every message under way. A message's text begins with a stamp that is found in a frame
 * without parsing it, so the driver costs the same with every target.
 */
export interface Ledger {
  /** The text of a new message in `room`, due at `readers` members; `at` is when it was (or should have been) sent. */
  issue(room: number, readers: number, at: number): string;
  /** Null for a delivery of nothing that is under way: it came twice. */
  take(payload: Buffer): Delivery | null;
  /** Deliveries that have not come. */
  readonly due: number;
  readonly repeated: number;
  readonly isEmpty: boolean;
}

interface Delivery {
  id: number;
  room: number;
  sentAt: number;
  /** How many of this message's are still due. */
  left: number;
}

const STAMP = Buffer.from("#~");
const STAMP_CHARS_MAX = 40;
/** Makes a message as long as people's are. */
const FILLER = "the boat leaves at nine from the old harbour";

export function createLedger(filler = FILLER): Ledger {
  const awaited = new Map<number, number>();
  let nextId = 1;
  let repeated = 0;
  return {
    issue(room, readers, at) {
      const id = nextId;
      nextId += 1;
      awaited.set(id, readers);
      return `#~${id} ${room} ${at.toFixed(3)} ${filler}`;
    },
    take(payload) {
      const from = payload.indexOf(STAMP);
      if (from < 0) return null;
      const stamp = payload.toString("latin1", from + STAMP.length, from + STAMP_CHARS_MAX);
      const [id = "", room = "", sentAt = ""] = stamp.split(" ");
      const due = awaited.get(Number(id));
      if (due === undefined) {
        repeated += 1;
        return null;
      }
      if (due > 1) awaited.set(Number(id), due - 1);
      else awaited.delete(Number(id));
      return { id: Number(id), room: Number(room), sentAt: Number(sentAt), left: due - 1 };
    },
    get due() {
      return [...awaited.values()].reduce((sum, left) => sum + left, 0);
    },
    get repeated() {
      return repeated;
    },
    get isEmpty() {
      return awaited.size === 0;
    },
  };
}
