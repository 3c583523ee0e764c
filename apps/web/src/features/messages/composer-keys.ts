/** The part of a keyboard event that the composer judges. */
export interface ComposerKey {
  key: string;
  shiftKey: boolean;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  /** An input method is putting a character together. */
  isComposing: boolean;
  keyCode: number;
}

export type ComposerAction = "send" | "edit_last" | "cancel" | null;

/** Browsers that end a composition with Enter report this instead of `isComposing`. */
const KEY_CODE_OF_COMPOSITION = 229;

/**
 * Enter sends, Shift+Enter (and every other modifier) is the text field's own; ↑ in an empty field edits the last
 * message; Esc leaves editing. Nothing happens while an input method is at work: its Enter chooses a character.
 */
export function composerAction(event: ComposerKey, field: { isEmpty: boolean; isEditing: boolean }): ComposerAction {
  if (event.isComposing || event.keyCode === KEY_CODE_OF_COMPOSITION) return null;
  const modified = event.shiftKey || event.altKey || event.ctrlKey || event.metaKey;
  if (event.key === "Enter" && !modified) return "send";
  if (event.key === "ArrowUp" && !modified && field.isEmpty && !field.isEditing) return "edit_last";
  if (event.key === "Escape" && field.isEditing) return "cancel";
  return null;
}
