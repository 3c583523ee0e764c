/** The time of a room's last message for a narrow column: hours today, "Yesterday", else a short date. */
export function listTime(
  at: number,
  now: number,
  { locale, yesterday }: { locale: string; yesterday: string },
): string {
  const date = new Date(at);
  const today = new Date(now);
  if (isSameDay(date, today)) return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }).format(at);
  const dayBefore = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (isSameDay(date, dayBefore)) return yesterday;
  const sameYear = date.getFullYear() === today.getFullYear();
  return new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: sameYear ? "short" : "numeric",
    ...(sameYear ? {} : { year: "2-digit" }),
  }).format(at);
}

function isSameDay(a: Date, b: Date): boolean {
  return a.getFullYear() === b.getFullYear() && a.getMonth() === b.getMonth() && a.getDate() === b.getDate();
}
