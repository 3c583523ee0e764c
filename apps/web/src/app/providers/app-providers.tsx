"use client";

import type { Me } from "@ashchat/contracts/api";
import type { RoomView } from "@ashchat/contracts/room";
import { useState, type ReactNode } from "react";
import { AnnouncerProvider } from "../../components/ui/announcer";
import { createBrowserClient } from "../../realtime/browser";
import { RealtimeProvider } from "../../realtime/react";
import { ApiProvider } from "./api";
import { createApiClient } from "./procedures";
import { createRealtimeApi } from "./realtime-api";

interface AppProvidersProps {
  me: Me;
  firstRooms: readonly RoomView[];
  children: ReactNode;
}

/** What every screen of a signed-in person stands on: the server's procedures and the live conversation. */
export function AppProviders({ me, firstRooms, children }: AppProvidersProps) {
  const [client] = useState(() => createApiClient());
  const [realtime] = useState(() => createBrowserClient({ api: createRealtimeApi(client), me, firstRooms }));
  return (
    <ApiProvider client={client}>
      <RealtimeProvider client={realtime}>
        <AnnouncerProvider>{children}</AnnouncerProvider>
      </RealtimeProvider>
    </ApiProvider>
  );
}
