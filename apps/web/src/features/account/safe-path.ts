/** Where to go after signing in: a path of this site, never another site; the chat when there is none. */
export function safePath(wanted: unknown): string {
  if (typeof wanted !== "string" || !/^\/(?![/\\])[\w\-./?=&%]*$/u.test(wanted)) return "/chat";
  return wanted;
}
