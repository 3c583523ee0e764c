import type { Clock, Signals } from "./environment";
import type { SocketState } from "./socket";
import type { Connection } from "./state";

/** What a person is told about the connection, from what the socket and the polls say. */
interface ConnectionView {
  get(): Connection;
  onSocket(state: SocketState): void;
  onPoll(isReached: boolean): void;
  onSignal(): void;
}

export function createConnectionView(options: {
  clock: Clock;
  signals: Signals;
  onChange: () => void;
}): ConnectionView {
  const { clock, signals, onChange } = options;
  let socket: SocketState = { kind: "idle" };
  /** Null until the first poll since the last live connection has ended. */
  let isReached: boolean | null = null;
  let known: Connection = { status: "connecting", since: clock.now(), retryAt: null };

  function update(): void {
    const status = statusOf(socket, signals.isOnline(), isReached);
    const retryAt = socket.kind === "waiting" ? socket.retryAt : null;
    if (status === known.status && retryAt === known.retryAt) return;
    known = { status, since: status === known.status ? known.since : clock.now(), retryAt };
    onChange();
  }

  return {
    get: () => known,
    onSocket(state) {
      socket = state;
      if (state.kind === "live") isReached = null;
      update();
    },
    onPoll(reached) {
      isReached = reached;
      update();
    },
    onSignal: update,
  };
}

function statusOf(socket: SocketState, isOnline: boolean, isReached: boolean | null): Connection["status"] {
  if (socket.kind === "stopped") return "signed_out";
  if (socket.kind === "live") return "live";
  if (!isOnline) return "offline";
  if (isReached === null) return "connecting";
  return isReached ? "polling" : "offline";
}
