const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** From here on a date says more than "9 days ago". */
const RELATIVE_DAYS_MAX = 6;

/** "5 minutes ago", "yesterday", "12 March": how long ago `at` was, as `locale` says it. */
export function relativeTime(at: number, now: number, locale: string): string {
  const ago = Math.max(0, now - at);
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (ago < MINUTE_MS) return format.format(0, "minute");
  if (ago < HOUR_MS) return format.format(-Math.floor(ago / MINUTE_MS), "minute");
  if (ago < DAY_MS) return format.format(-Math.floor(ago / HOUR_MS), "hour");
  const days = Math.floor(ago / DAY_MS);
  if (days <= RELATIVE_DAYS_MAX) return format.format(-days, "day");
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(at);
}
