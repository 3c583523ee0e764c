import type { Me } from "@ashchat/contracts/api";
import type { RealtimeApi } from "./api";
import type { RealtimeClient } from "./client";
import { createRealtimeClient } from "./client";

/** The client of this browser tab: its sockets, IndexedDB, locks and timers. Make one per signed-in person. */
export function createBrowserClient(options: { api: RealtimeApi; me: Me }): RealtimeClient {
  return createRealtimeClient(options);
}
