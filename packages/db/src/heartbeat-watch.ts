import type { mongo } from "mongoose";

/** What the driver tells of its looks at the servers. */
export type HeartbeatSource = Pick<mongo.MongoClient, "on" | "off">;

export interface HeartbeatWatchOptions {
  /** Of one connection on its way, as the driver has it: a look connects, and asks within as long again. */
  readonly connectMs: number;
  /** How long a server that pushes its news may be silent. */
  readonly heartbeatMs: number;
  /** A look has begun and never ended. Called once; the watch is over then. */
  onStuck(address: string): void;
}

const SLACK_MS = 1_000;

/**
 * Notices a driver that has stopped looking for its server. A look that was sent on a socket in the moment between its end and
 * the driver's learning of it waits for ever (seen in 7.8: what cannot be written waits for `drain`, which a destroyed socket
 * never tells), and no other is begun, so that a server that is back is never found. Returns how to stop.
 */
export function watchHeartbeats(client: HeartbeatSource, options: HeartbeatWatchOptions): () => void {
  const { connectMs, heartbeatMs, onStuck } = options;
  const underWay = new Map<string, NodeJS.Timeout>();

  function ended({ connectionId: address }: { connectionId: string }): void {
    clearTimeout(underWay.get(address));
    underWay.delete(address);
  }

  function started(event: { connectionId: string; awaited: boolean }): void {
    ended(event);
    const longestMs = 2 * connectMs + SLACK_MS + (event.awaited ? heartbeatMs : 0);
    const timer = setTimeout(() => {
      stop();
      onStuck(event.connectionId);
    }, longestMs);
    underWay.set(event.connectionId, timer.unref());
  }

  const closed = ({ address }: { address: string }) => ended({ connectionId: address });

  function stop(): void {
    for (const timer of underWay.values()) clearTimeout(timer);
    underWay.clear();
    client.off("serverHeartbeatStarted", started);
    client.off("serverHeartbeatSucceeded", ended);
    client.off("serverHeartbeatFailed", ended);
    client.off("serverClosed", closed);
  }

  client.on("serverHeartbeatStarted", started);
  client.on("serverHeartbeatSucceeded", ended);
  client.on("serverHeartbeatFailed", ended);
  client.on("serverClosed", closed);
  return stop;
}
