"use client";

import type { UpdateProfileInput } from "@ashchat/contracts/api";
import type { RoomId, SessionId, UserId } from "@ashchat/contracts/ids";
import { createContext, use, useMemo, type ReactNode } from "react";
import { ask } from "./ask";
import type { ApiClient } from "./procedures";

/** What the screens ask of the server; every answer is a value, nothing is thrown. */
export function createApi(client: ApiClient) {
  return {
    translationSupport: () => ask(client.translation.support.query()),
    findByTag: (tag: string) => ask(client.contact.findByTag.query({ tag })),
    openDirect: (userId: UserId) => ask(client.room.openDirect.mutate({ userId })),
    createGroup: (input: { title: string; userIds: UserId[] }) => ask(client.room.createGroup.mutate(input)),
    renameRoom: (roomId: RoomId, title: string) => ask(client.room.rename.mutate({ roomId, title })),
    addMember: (roomId: RoomId, userId: UserId) => ask(client.room.addMember.mutate({ roomId, userId })),
    removeMember: (roomId: RoomId, userId: UserId) => ask(client.room.removeMember.mutate({ roomId, userId })),
    leaveRoom: (roomId: RoomId) => ask(client.room.leave.mutate({ roomId })),
    updateProfile: (input: UpdateProfileInput) => ask(client.account.updateProfile.mutate(input)),
    revokeSession: (sessionId: SessionId) => ask(client.account.revokeSession.mutate({ sessionId })),
    signOut: () => ask(client.account.signOut.mutate()),
    revokeOtherSessions: () => ask(client.account.revokeOtherSessions.mutate()),
  };
}

const ApiContext = createContext<ApiClient | null>(null);

export function ApiProvider({ client, children }: { client: ApiClient; children: ReactNode }) {
  return <ApiContext value={client}>{children}</ApiContext>;
}

function useApiClient(): ApiClient {
  const client = use(ApiContext);
  if (client === null) throw new Error("useApiClient needs an ApiProvider above it");
  return client;
}

export function useApi(): ReturnType<typeof createApi> {
  const client = useApiClient();
  return useMemo(() => createApi(client), [client]);
}
