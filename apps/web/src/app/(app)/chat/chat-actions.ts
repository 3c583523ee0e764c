"use client";

import { createContext, use } from "react";

/** What the pages beside the list can ask of the shell around them. */
export interface ChatActions {
  newChat: () => void;
  /** A room that was just made or found. */
  open: (roomId: string) => void;
}

const ChatActionsContext = createContext<ChatActions | null>(null);
export const ChatActionsProvider = ChatActionsContext.Provider;

export function useChatActions(): ChatActions {
  const actions = use(ChatActionsContext);
  if (actions === null) throw new Error("useChatActions needs a ChatShell above it");
  return actions;
}
