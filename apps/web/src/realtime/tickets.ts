import { LIMITS } from "@ashchat/contracts/limits";
import type { RealtimeApi } from "./api";
import type { Clock } from "./environment";

/**
 * Tickets for connections, asked for one at a time. A ticket that no server has seen serves the next try too: while the
 * realtime server is away, the tries of everybody would else keep the web process busy with tickets for nothing.
 */
export interface Tickets {
  take: RealtimeApi["ticket"];
  /** A server was shown it, so it is good no more. */
  spend(): void;
}

type Asked = ReturnType<RealtimeApi["ticket"]>;

/** What is left of a ticket's life must do for the connection that it opens. */
const FRESH_MS = LIMITS.ticketTtlMs - LIMITS.sendTimeoutMs;

export function createTickets(options: { ask: RealtimeApi["ticket"]; clock: Clock }): Tickets {
  const { ask, clock } = options;
  let held: { readonly answer: Asked; readonly askedAt: number; isPending: boolean } | null = null;

  function request(): Asked {
    const own = { answer: ask(), askedAt: clock.now(), isPending: true };
    held = own;
    void own.answer.then((answer) => {
      own.isPending = false;
      if (!answer.ok && held === own) held = null;
    });
    return own.answer;
  }

  return {
    take() {
      if (held === null) return request();
      // A call ends within its own deadline: until then a second one would only wait behind it.
      return held.isPending || clock.now() - held.askedAt <= FRESH_MS ? held.answer : request();
    },
    spend: () => void (held = null),
  };
}
