"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { TRPCProvider } from "./trpc";
import { createCachingClient } from "./trpc-links";

/** Answers are this fresh before they are asked for again. */
const STALE_MS = 60_000;

/** Cached reads for the screens that need them. Not around the chat: its data are live, and it stays small. */
export function QueryScope({ children }: { children: ReactNode }) {
  const [client] = useState(createCachingClient);
  const [queries] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          // "always": whether the browser believes to be online says little; the server's answer says it.
          queries: { staleTime: STALE_MS, retry: 1, refetchOnWindowFocus: false, networkMode: "always" },
        },
      }),
  );
  return (
    <QueryClientProvider client={queries}>
      <TRPCProvider trpcClient={client} queryClient={queries}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}
