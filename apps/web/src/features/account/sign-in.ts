/** Asks for a session of this browser. Null = signed in, else the error code (as text, from the server). */
export async function signInWithPassword(input: { email: string; password: string }): Promise<string | null> {
  try {
    // Fetched when it is needed: the page itself stays small.
    const { signIn } = await import("next-auth/react");
    const answer = await signIn("credentials", { ...input, redirect: false });
    if (answer?.ok && !answer.error) return null;
    return answer?.error ?? "unavailable";
  } catch {
    // next-auth throws when the server does not answer.
    return "unavailable";
  }
}
