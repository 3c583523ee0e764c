"use client";

import type { Me } from "@ashchat/contracts/api";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { AnnouncerProvider } from "../../components/ui/announcer";
import { createBrowserClient } from "../../realtime/browser";
import { RealtimeProvider } from "../../realtime/react";
import { createRealtimeApi } from "./api";
import { TRPCProvider } from "./trpc";
import { createApiClient } from "./trpc-links";

/** Answers are this fresh before they are asked for again. */
const STALE_MS = 60_000;

/** What every screen of a signed-in person stands on: the server's procedures and the live conversation. */
export function AppProviders({ me, children }: { me: Me; children: ReactNode }) {
  const [queries] = useState(
    () =>
      new QueryClient({ defaultOptions: { queries: { staleTime: STALE_MS, retry: 1, refetchOnWindowFocus: false } } }),
  );
  const [trpc] = useState(createApiClient);
  const [realtime] = useState(() => createBrowserClient({ api: createRealtimeApi(trpc), me }));
  return (
    <QueryClientProvider client={queries}>
      <TRPCProvider trpcClient={trpc} queryClient={queries}>
        <RealtimeProvider client={realtime}>
          <AnnouncerProvider>{children}</AnnouncerProvider>
        </RealtimeProvider>
      </TRPCProvider>
    </QueryClientProvider>
  );
}
