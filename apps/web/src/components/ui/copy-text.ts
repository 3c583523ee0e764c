/** Puts `text` on the clipboard. False where the browser has none (a page without https) or refuses; it never throws. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // What to copy is on the screen and can be selected.
    return false;
  }
}
