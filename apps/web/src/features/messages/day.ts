/** The calendar day of `at` (milliseconds since the epoch) on this device's calendar: equal for times of one day. */
export function dayKey(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
}

export type DayName = { kind: "today" } | { kind: "yesterday" } | { kind: "date"; text: string };

/** Today, yesterday, or "12 March" ("12 March 2024" in another year), as `locale` writes it. */
export function dayName(at: number, now: number, locale: string): DayName {
  const key = dayKey(at);
  if (key === dayKey(now)) return { kind: "today" };
  const today = new Date(now);
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (key === dayKey(yesterday.getTime())) return { kind: "yesterday" };
  const sameYear = new Date(at).getFullYear() === today.getFullYear();
  const format = new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "long",
    ...(sameYear ? {} : { year: "numeric" }),
  });
  return { kind: "date", text: format.format(at) };
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Hours and minutes as `locale` writes them. */
export function clockTime(at: number, locale: string): string {
  let format = formats.get(locale);
  if (format === undefined) {
    // One per interface language: bounded by the catalogues.
    format = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
    formats.set(locale, format);
  }
  return format.format(at);
}
