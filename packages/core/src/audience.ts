import type { UserId } from "@ashchat/contracts/ids";
import type { Language } from "@ashchat/contracts/languages";
import type { AudienceMember, RoomAudience } from "./ports";

/** Whether this member reads a text in `language` without a translation. */
export function readsAsIs(member: Pick<AudienceMember, "language" | "understands">, language: Language): boolean {
  return member.language === language || member.understands.includes(language);
}

/**
 * The languages into which a text in `source` must be translated for the members of the room: each once, sorted. The sender
 * needs no translation of their own text.
 */
export function neededLanguages(audience: RoomAudience, source: Language, senderId?: UserId): Language[] {
  const needed = new Set<Language>();
  for (const member of audience.members.values()) {
    if (member.userId === senderId || readsAsIs(member, source)) continue;
    needed.add(member.language);
  }
  return [...needed].toSorted();
}
