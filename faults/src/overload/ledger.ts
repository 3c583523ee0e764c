import type { ClientId, RoomId } from "@ashchat/contracts/ids";
import { percentile } from "../pauses";

/** What became of every send: when it was acknowledged, when the last member had it, or how it was refused. */
export interface Ledger {
  readonly sends: readonly SendFact[];
  /** A new send to a room where `readers` connections will hear it, the sender's own included. */
  begin(roomId: RoomId, readers: number): SendFact;
  acknowledged(clientId: ClientId, seq: number): void;
  refused(clientId: ClientId, refusal: Refusal): void;
  heard(clientId: ClientId): void;
  /** Sends that are neither answered nor, where accepted, heard by all. */
  open(): number;
}

interface Refusal {
  code: string;
  retryable: boolean;
  retryAfterMs: number | null;
}

export interface SendFact {
  readonly clientId: ClientId;
  readonly roomId: RoomId;
  readonly sentAt: number;
  readers: number;
  seq: number | null;
  acknowledgedAt: number | null;
  heardAt: number | null;
  refusedAt: number | null;
  refusal: Refusal | null;
}

const NAME = "overload-";
const DIGITS = 10;

export function createLedger(now: () => number): Ledger {
  const sends: SendFact[] = [];
  let open = 0;
  const find = (clientId: ClientId) => sends[Number(clientId.slice(NAME.length))];

  function concludeIfHeard(send: SendFact): void {
    if (send.readers === 0 && send.acknowledgedAt !== null) open -= 1;
  }

  return {
    sends,
    begin(roomId, readers) {
      const clientId = `${NAME}${String(sends.length).padStart(DIGITS, "0")}` as ClientId;
      const nothing = { seq: null, acknowledgedAt: null, heardAt: null, refusedAt: null, refusal: null };
      const send: SendFact = { clientId, roomId, sentAt: now(), readers, ...nothing };
      sends.push(send);
      open += 1;
      return send;
    },
    acknowledged(clientId, seq) {
      const send = find(clientId);
      if (send === undefined || send.acknowledgedAt !== null) return;
      send.acknowledgedAt = now();
      send.seq = seq;
      concludeIfHeard(send);
    },
    refused(clientId, refusal) {
      const send = find(clientId);
      if (send === undefined || send.refusedAt !== null) return;
      send.refusedAt = now();
      send.refusal = refusal;
      open -= 1;
    },
    heard(clientId) {
      const send = find(clientId);
      if (send === undefined || send.readers === 0) return;
      send.readers -= 1;
      if (send.readers > 0) return;
      send.heardAt = now();
      concludeIfHeard(send);
    },
    open: () => open,
  };
}

/** Times in milliseconds; rates per second of the time in which the sends began. */
export interface LoadFigures {
  offered: number;
  accepted: number;
  refused: number;
  unanswered: number;
  /** Accepted, but not every member heard it. */
  unheard: number;
  /** From the send until it was acknowledged and every member had it. */
  acceptedP50: number;
  acceptedP99: number;
  acceptedMax: number;
  refusedP50: number;
  refusedP99: number;
  offeredPerSecond: number;
  acceptedPerSecond: number;
}

const MS_PER_SECOND = 1_000;

export function figuresOf(sends: readonly SendFact[], durationMs: number): LoadFigures {
  const accepted = sends.filter(({ acknowledgedAt }) => acknowledgedAt !== null);
  const refused = sends.filter(({ refusedAt }) => refusedAt !== null);
  const done = sorted(
    accepted.map(({ sentAt, acknowledgedAt, heardAt }) => Math.max(acknowledgedAt ?? 0, heardAt ?? 0) - sentAt),
  );
  const refusals = sorted(refused.map(({ sentAt, refusedAt }) => (refusedAt ?? 0) - sentAt));
  const perSecond = (count: number) => (count * MS_PER_SECOND) / durationMs;
  return {
    offered: sends.length,
    accepted: accepted.length,
    refused: refused.length,
    unanswered: sends.length - accepted.length - refused.length,
    unheard: accepted.filter(({ readers }) => readers > 0).length,
    acceptedP50: percentile(done, 0.5),
    acceptedP99: percentile(done, 0.99),
    acceptedMax: done.at(-1) ?? 0,
    refusedP50: percentile(refusals, 0.5),
    refusedP99: percentile(refusals, 0.99),
    offeredPerSecond: perSecond(sends.length),
    acceptedPerSecond: perSecond(accepted.length),
  };
}

function sorted(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

export function describeFigures(figures: LoadFigures): string {
  const {
    offeredPerSecond,
    acceptedPerSecond,
    acceptedP50,
    acceptedP99,
    acceptedMax,
    refused,
    refusedP50,
    refusedP99,
  } = figures;
  const refusals = refused === 0 ? "none refused" : `refused ${refused}, p50 ${ms(refusedP50)}, p99 ${ms(refusedP99)}`;
  return `offered ${offeredPerSecond.toFixed(0)}/s, accepted ${acceptedPerSecond.toFixed(0)}/s: p50 ${ms(acceptedP50)}, p99 ${ms(acceptedP99)}, longest ${ms(acceptedMax)}; ${refusals}`;
}

export function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}
