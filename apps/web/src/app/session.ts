import type { Me } from "@ashchat/contracts/api";
import { newCorrelationId } from "@ashchat/runtime/correlation";
import { cache } from "react";
import { readMe } from "../server/auth/read-me";
import { services } from "../server/container";
import { currentSession } from "../server/session";

/** Who opens this page: nobody, somebody whose profile is still being made, or a person. */
export type Visitor = { kind: "signed_out" } | { kind: "profile_pending" } | { kind: "signed_in"; me: Me };

/** Looked up once per page. */
const session = cache(currentSession);

export async function isSignedIn(): Promise<boolean> {
  return (await session()) !== null;
}

/** Throws while the database cannot be asked: the error page then offers another try. */
export async function currentVisitor(): Promise<Visitor> {
  const found = await session();
  if (found === null) return { kind: "signed_out" };
  const { database, clock } = await services();
  const { accounts, profiles } = database.stores;
  const me = await readMe({ accounts, profiles, clock }, { ...found, correlationId: newCorrelationId() });
  if (me.ok) return { kind: "signed_in", me: me.value };
  const { code, retryAfterMs } = me.error;
  if (code === "unavailable" && retryAfterMs !== undefined) return { kind: "profile_pending" };
  throw new Error(`the profile could not be read: ${code}`, { cause: me.error });
}
