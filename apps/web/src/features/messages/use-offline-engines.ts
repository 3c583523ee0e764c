"use client";

import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTRPC } from "../../app/providers/trpc";

/** Which engines of this installation work without the net: their translations are simpler, and marked. */
export function useIsOfflineEngine(): (engine: string) => boolean {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.translation.support.queryOptions());
  return useCallback(
    (engine: string) => data?.engines.some(({ name, offline }) => offline && engine.startsWith(name)) ?? false,
    [data],
  );
}
