import { LIMITS } from "@ashchat/contracts/limits";
import type { Session, SessionStore } from "@ashchat/core/ports";
import type { SessionDocument } from "../documents";
import { attempt } from "../errors";
import { above, below } from "../filters";
import type { Models } from "../models";

export function createSessionStore({ sessions }: Models): SessionStore {
  return {
    insert: (session) =>
      attempt("insert session", async () => {
        const { sessionId, ...fields } = session;
        await sessions.create([{ _id: sessionId, ...fields }]);
      }),

    find: (sessionId) =>
      attempt("find session", async () =>
        maybeSession(await sessions.findOne({ _id: sessionId }).lean<SessionDocument>()),
      ),

    listLive: (userId, now) =>
      attempt("list sessions", async () => {
        const found = await sessions
          .find({ userId, revokedAt: null, expiresAt: above(now) })
          .sort({ lastSeenAt: -1 })
          .limit(LIMITS.databaseBatchMax)
          .lean<SessionDocument[]>();
        return found.map(toSession);
      }),

    revoke: (userId, sessionId, at) =>
      attempt("revoke session", async () => {
        const filter = { _id: sessionId, userId, revokedAt: null };
        const revoked = await sessions
          .findOneAndUpdate(filter, { $set: { revokedAt: at } }, { returnDocument: "after" })
          .lean<SessionDocument>();
        return maybeSession(revoked);
      }),

    touch: (sessionId, at) =>
      attempt("touch session", async () => {
        await sessions.updateOne({ _id: sessionId }, { $max: { lastSeenAt: at } });
      }),

    revokedSince: (since) =>
      attempt("find revoked sessions", async () => {
        const found = await sessions
          .find({ revokedAt: above(since) })
          .sort({ revokedAt: 1 })
          .limit(LIMITS.databaseBatchMax)
          .lean<SessionDocument[]>();
        return found.map(toSession);
      }),

    deleteExpired: (before) =>
      attempt("delete expired sessions", async () => {
        const deleted = await sessions.deleteMany({ expiresAt: below(before) });
        return deleted.deletedCount;
      }),
  };
}

function toSession(document: SessionDocument): Session {
  const { _id, userId, device, createdAt, lastSeenAt, expiresAt, revokedAt } = document;
  return {
    sessionId: _id,
    userId,
    device: { name: device.name, os: device.os },
    createdAt,
    lastSeenAt,
    expiresAt,
    revokedAt,
  };
}

function maybeSession(document: SessionDocument | null): Session | null {
  return document === null ? null : toSession(document);
}
