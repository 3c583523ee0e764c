import type { SessionId } from "@ashchat/contracts/ids";

declare module "next-auth" {
  /** Who has just signed in. */
  interface User {
    id: string;
    sessionId: SessionId;
  }
}
