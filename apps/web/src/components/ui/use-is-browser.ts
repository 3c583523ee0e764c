import { useSyncExternalStore } from "react";

/** False on the server and in the browser's first drawing, which must be the same; true from then on. */
export function useIsBrowser(): boolean {
  return useSyncExternalStore(
    subscribeNever,
    () => true,
    () => false,
  );
}

function subscribeNever(): () => void {
  return () => undefined;
}
