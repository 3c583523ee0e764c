import type { Metrics } from "@ashchat/runtime/metrics";

/** What a node counts. */
export interface NodeMetrics {
  connectionClosed(reason: string): void;
  frameReceived(kind: string): void;
  /** One event went to `sockets` local sockets, `delayMs` after it was written. */
  fannedOut(kind: "message" | "change", sockets: number, delayMs: number): void;
  gapRead(): void;
  resumed(source: string): void;
  ringLoaded(outcome: string): void;
  sendRefused(code: string): void;
  /** Hands over what was counted in between; called with every tick. */
  flush(): void;
  observe(state: { connections: number; rooms: number; queueBytes: number; sendWindow: number }): void;
}

const MS_PER_SECOND = 1_000;
/** Enough for quantiles, and not a cost of every message. */
const FANOUTS_PER_SAMPLE = 8;
const FANOUT_BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

export function createNodeMetrics(metrics: Metrics): NodeMetrics {
  const connections = metrics.gauge("realtime_connections", "Open sockets");
  const rooms = metrics.gauge("realtime_rooms", "Rooms that this node follows");
  const queueBytes = metrics.gauge("realtime_queue_bytes", "Bytes that wait in the process for slow sockets");
  const sendWindow = metrics.gauge("realtime_send_window", "Sends that may be in flight; falls under overload");
  const closes = metrics.counter("realtime_closes_total", "Closed sockets", ["reason"]);
  const framesIn = metrics.counter("realtime_frames_in_total", "Frames received", ["kind"]);
  const framesOut = metrics.counter("realtime_frames_out_total", "Messages and changes sent to sockets", ["kind"]);
  const gapReads = metrics.counter("realtime_gap_reads_total", "Holes read from the database");
  const resumes = metrics.counter("realtime_resumes_total", "Pages of resumes", ["source"]);
  const ringLoads = metrics.counter("realtime_ring_loads_total", "Rings filled from the database", ["outcome"]);
  const refused = metrics.counter("realtime_sends_refused_total", "Sends that were not stored", ["code"]);
  const fanOut = metrics.histogram("realtime_fanout_seconds", "From a message's time to its fan-out", {
    buckets: FANOUT_BUCKETS,
  });
  // On the way of every frame only a number is raised; the counters get it with the next flush.
  const received = new Map<string, number>();
  const sent = { message: 0, change: 0 };
  let fanOuts = 0;
  return {
    connectionClosed: (reason) => closes.inc({ reason }),
    frameReceived: (kind) => void received.set(kind, (received.get(kind) ?? 0) + 1),
    fannedOut(kind, sockets, delayMs) {
      sent[kind] += sockets;
      if (fanOuts % FANOUTS_PER_SAMPLE === 0) fanOut.observe(Math.max(0, delayMs) / MS_PER_SECOND);
      fanOuts += 1;
    },
    flush() {
      for (const [kind, count] of received) framesIn.inc({ kind }, count);
      received.clear();
      framesOut.inc({ kind: "message" }, sent.message);
      framesOut.inc({ kind: "change" }, sent.change);
      sent.message = 0;
      sent.change = 0;
    },
    gapRead: () => gapReads.inc(),
    resumed: (source) => resumes.inc({ source }),
    ringLoaded: (outcome) => ringLoads.inc({ outcome }),
    sendRefused: (code) => refused.inc({ code }),
    observe(state) {
      connections.set(state.connections);
      rooms.set(state.rooms);
      queueBytes.set(state.queueBytes);
      sendWindow.set(state.sendWindow);
    },
  };
}
