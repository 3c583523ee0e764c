import type { Me } from "@ashchat/contracts/api";
import type { MessageView } from "@ashchat/contracts/message";

/**
 * Whether this message, seen by this person, has no translation yet that it should have: written by somebody else in a
 * language that the person does not read, and nobody asked for the current revision so far.
 */
export function wantsTranslation(message: MessageView, me: Me): boolean {
  if (message.text === null || message.senderId === me.profile.userId) return false;
  const { language } = me.profile;
  if (message.language === language || me.understands.includes(message.language)) return false;
  const { translation } = message;
  return translation === null || translation.language !== language || translation.revision < message.revision;
}
