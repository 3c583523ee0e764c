import { LIMITS } from "@ashchat/contracts/limits";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import type { AppRouter } from "../../server/routers";

/** A call that takes longer is over. */
const CALL_TIMEOUT_MS = 15_000;

/** For cached reads, which need the library's own client. Calls of one moment travel in one request, no more than the server takes. */
export function createCachingClient() {
  return createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: "/api/trpc",
        maxItems: LIMITS.trpcBatchMax,
        fetch: (input, init) => {
          const deadline = AbortSignal.timeout(CALL_TIMEOUT_MS);
          const signal = init?.signal ? AbortSignal.any([init.signal, deadline]) : deadline;
          return fetch(input, { ...init, signal });
        },
      }),
    ],
  });
}
