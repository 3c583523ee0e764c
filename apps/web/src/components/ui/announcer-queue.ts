/** Milliseconds between two announcements: a reader can follow one a second. */
export const ANNOUNCE_INTERVAL_MS = 1_000;
/** Kinds waiting at one time; a kind beyond is dropped, because nobody could listen to it. */
const WAITING_KINDS_MAX = 8;

export interface Announcement {
  /** What it is about: announcements of one kind that wait together are spoken as one. */
  kind: string;
  /** The words for a single one. */
  one: string;
  /** The words for several of this kind. */
  many: (count: number) => string;
}

interface AnnouncerDeps {
  speak: (text: string) => void;
  /** Calls back once after `delayMs`; returns how to call it off. */
  schedule: (callback: () => void, delayMs: number) => () => void;
}

/** Speaks at most once a second: what comes meanwhile is counted, not queued. */
export function createAnnouncerQueue({ speak, schedule }: AnnouncerDeps) {
  const waiting = new Map<string, { latest: Announcement; count: number }>();
  let cancel: (() => void) | null = null;

  function flush(): void {
    cancel = null;
    const [next] = waiting;
    if (next === undefined) return;
    const [kind, { latest, count }] = next;
    waiting.delete(kind);
    speak(count === 1 ? latest.one : latest.many(count));
    cancel = schedule(flush, ANNOUNCE_INTERVAL_MS);
  }

  return {
    announce(announcement: Announcement): void {
      const count = (waiting.get(announcement.kind)?.count ?? 0) + 1;
      if (count === 1 && waiting.size >= WAITING_KINDS_MAX) return;
      waiting.set(announcement.kind, { latest: announcement, count });
      cancel ??= schedule(flush, ANNOUNCE_INTERVAL_MS / 10);
    },
    close(): void {
      cancel?.();
      cancel = null;
      waiting.clear();
    },
  };
}
