/** The types of stack.mjs, for tests that start or crash processes. */

export type ProcessName = "web" | "realtime" | "email-verification" | "translation" | "profiles" | "jobs";

export interface StackPorts {
  readonly web: number;
  readonly realtime: readonly number[];
  readonly internal: Readonly<Record<string, number>>;
}

export interface StackOptions {
  /** Every variable of the processes but their ports. */
  readonly env: Readonly<Record<string, string>>;
  readonly ports: StackPorts;
  /** Where logs and the record of the started processes go. */
  readonly dir: string;
  readonly realtimeCount?: number;
  readonly processes?: readonly ProcessName[];
  readonly mode?: "built" | "watch";
  readonly supervise?: boolean;
  readonly log?: (line: string) => void;
  readonly signal?: AbortSignal;
  readonly readyMs?: number;
}

/** Names are those of the processes; further realtime processes are `realtime-2` and so on. */
export interface Stack {
  readonly urls: {
    readonly web: string;
    readonly realtime: readonly string[];
    readonly internal: Readonly<Record<string, string>>;
  };
  readonly pids: Readonly<Record<string, number | undefined>>;
  logFile(name: string): string;
  kill(name: string, signal?: NodeJS.Signals): Promise<void>;
  restart(name: string, extra?: Readonly<Record<string, string>>): Promise<void>;
  ended(name: string, deadlineMs: number): Promise<boolean>;
  stop(): Promise<void>;
}

export const PROCESS_NAMES: readonly ProcessName[];
/** The processes that read an address or a secret which not everybody needs, by variable. */
export const READERS: Readonly<Record<string, readonly string[]>>;
export function portsOf(env?: Readonly<Record<string, string>>): StackPorts;
export function portsFromBase(base: number, realtimeCount?: number): StackPorts;
export function stackPortCount(realtimeCount?: number): number;
export function stackEnvironment(
  addresses: Readonly<Record<string, string>>,
  options: { readonly ports: StackPorts; readonly namespace: string },
): Record<string, string>;
export function prepareStack(options: StackOptions): Promise<void>;
export function startStack(options: StackOptions): Promise<Stack>;
