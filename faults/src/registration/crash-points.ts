/**
 * Every step of a registration at which a process may die, in the order of the sequence: before and after each effect.
 * crash-points.test.ts compares the list with the code.
 */
export const CRASH_POINTS = {
  web: [
    "register.before_publish",
    "register.after_publish",
    "resend.before_count",
    "resend.before_publish",
    "resend.after_publish",
    "confirm.before_code",
    "confirm.after_code",
    "confirm.after_insert",
    "confirm.after_publish",
  ],
  "email-verification": [
    "mailing.before_keep",
    "mailing.after_keep",
    "mailing.before_mail",
    "mailing.after_mail",
    "mailing.before_raise",
    "mailing.after_raise",
    "code.before_count",
    "code.after_count",
  ],
  profiles: ["profile.before_create", "profile.after_create", "profile.after_clear"],
} as const;

export type CrashingProcess = keyof typeof CRASH_POINTS;
export type CrashPointName = (typeof CRASH_POINTS)[CrashingProcess][number];

/** What the person is doing when the step is passed. */
export function deedAt(point: CrashPointName): "register" | "resend" | "confirm" {
  if (point.startsWith("resend.") || point.endsWith("_raise")) return "resend";
  return point.startsWith("register.") || point.startsWith("mailing.") ? "register" : "confirm";
}
