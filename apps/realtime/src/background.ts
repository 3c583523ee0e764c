/** Hears of what nobody waits for: a mistake in the program ends that one piece of work, never the process. */
export type OnError = (error: unknown, what: string) => void;

/** Lets `task` run on its own; a rejection is reported. */
export function inBackground(task: Promise<unknown>, what: string, onError: OnError): void {
  task.catch((error: unknown) => onError(error, what));
}
