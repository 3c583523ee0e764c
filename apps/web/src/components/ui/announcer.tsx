"use client";

import { createContext, use, useEffect, useMemo, useRef, type ReactNode } from "react";
import { createAnnouncerQueue, type Announcement } from "./announcer-queue";

const AnnounceContext = createContext<(announcement: Announcement) => void>(() => undefined);

/** Says something politely to assistive technology: the one live region of the house. */
export function useAnnounce(): (announcement: Announcement) => void {
  return use(AnnounceContext);
}

export function AnnouncerProvider({ children }: { children: ReactNode }) {
  const outlet = useRef<HTMLDivElement>(null);
  const queue = useMemo(
    () =>
      createAnnouncerQueue({
        speak(text) {
          if (outlet.current) outlet.current.textContent = text;
        },
        schedule(callback, delayMs) {
          const timer = setTimeout(callback, delayMs);
          return () => clearTimeout(timer);
        },
      }),
    [],
  );
  useEffect(() => () => queue.close(), [queue]);
  return (
    <AnnounceContext value={queue.announce}>
      {children}
      {/* The mark keeps the region audible while a dialog hides everything else. */}
      <div ref={outlet} aria-live="polite" data-live-announcer="true" className="sr-only" />
    </AnnounceContext>
  );
}
