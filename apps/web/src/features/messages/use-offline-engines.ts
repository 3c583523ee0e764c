"use client";

import { useCallback, useEffect, useState } from "react";
import { useApi } from "../../app/providers/api";
import { useConnection } from "../../realtime/react";

/** Which engines of this installation work without the net: their translations are simpler, and marked. */
export function useIsOfflineEngine(): (engine: string) => boolean {
  const api = useApi();
  const isLive = useConnection().status === "live";
  const [offline, setOffline] = useState<readonly string[]>([]);
  // Asked when the room opens and again when a lost connection is back.
  useEffect(() => {
    let isCurrent = true;
    void api.translationSupport().then((answer) => {
      if (isCurrent && answer.ok) setOffline(answer.value.engines.filter((one) => one.offline).map(({ name }) => name));
    });
    return () => {
      isCurrent = false;
    };
  }, [api, isLive]);
  return useCallback((engine: string) => offline.some((name) => engine.startsWith(name)), [offline]);
}
