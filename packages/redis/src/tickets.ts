import { randomBytes } from "node:crypto";
import { sessionIdSchema, userIdSchema, type SessionId, type UserId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import type { Clock, Outcome } from "@ashchat/core/ports";
import type { Redis } from "ioredis";
import { attempt, type Key } from "./client";
import { hashOf } from "./hashes";

/**
 * What opens a socket: 256 random bits, good for one use within 30 seconds. Redis holds only a hash, so that whoever reads
 * it can open nothing.
 */
export interface TicketHolder {
  readonly userId: UserId;
  readonly sessionId: SessionId;
}

export interface Tickets {
  issueTicket(holder: TicketHolder): Outcome<{ ticket: string; expiresAt: number }>;
  /** Null for a ticket that is unknown, late or used. Of any number of callers at once exactly one gets the holder. */
  redeemTicket(ticket: string): Outcome<TicketHolder | null>;
}

const TICKET_CHARS_MAX = 128;

export function createTickets({ client, key, clock }: { client: Redis; key: Key; clock: Clock }): Tickets {
  const keyOf = (ticket: string) => key("ticket", hashOf(ticket));
  return {
    issueTicket: ({ userId, sessionId }) =>
      attempt("issue ticket", async () => {
        const ticket = randomBytes(LIMITS.ticketBytes).toString("base64url");
        const expiresAt = clock.now() + LIMITS.ticketTtlMs;
        await client.set(keyOf(ticket), `${userId} ${sessionId}`, "PX", LIMITS.ticketTtlMs);
        return { ticket, expiresAt };
      }),
    redeemTicket: (ticket) =>
      attempt("redeem ticket", async () => {
        if (ticket.length > TICKET_CHARS_MAX) return null;
        const stored = await client.getdel(keyOf(ticket));
        return stored === null ? null : readHolder(stored);
      }),
  };
}

function readHolder(stored: string): TicketHolder | null {
  const [userId, sessionId] = stored.split(" ");
  const user = userIdSchema.safeParse(userId);
  const session = sessionIdSchema.safeParse(sessionId);
  return user.success && session.success ? { userId: user.data, sessionId: session.data } : null;
}
