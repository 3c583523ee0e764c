import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface Listener {
  readonly pid: number;
  /** `127.0.0.1`, `0.0.0.0`, `::1`, `::` or another address. */
  readonly host: string;
  readonly port: number;
}

const LISTEN = "0A";

/** Where these processes and their children listen, as the kernel tells it. Throws where one of `pids` has ended. */
export function listenersOf(pids: readonly number[]): Listener[] {
  return withChildren(pids).flatMap((pid) => {
    try {
      return listenersOfOne(pid);
    } catch (cause) {
      // Servers fork helpers that live for a moment.
      if (pids.includes(pid) || !hasEnded(pid)) throw cause;
      return [];
    }
  });
}

function listenersOfOne(pid: number): Listener[] {
  const own = socketsOf(pid);
  return [...rows(pid, "tcp"), ...rows(pid, "tcp6")]
    .filter(({ state, inode }) => state === LISTEN && own.has(inode))
    .map(({ local }) => ({ pid, ...addressOf(local) }));
}

function hasEnded(pid: number): boolean {
  return !existsSync(`/proc/${pid}/fd`);
}

export function isLoopback({ host }: Listener): boolean {
  return host === "::1" || host.startsWith("127.");
}

function withChildren(pids: readonly number[]): number[] {
  const all = readdirSync("/proc").filter((name) => /^\d+$/u.test(name));
  const parents = all.map((name) => ({ pid: Number(name), parent: parentOf(name) }));
  const found = new Set(pids);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const { pid, parent } of parents) if (parent !== null && found.has(parent)) found.add(pid);
  }
  return [...found];
}

function parentOf(pid: string): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return null; // ended meanwhile
  }
}

function socketsOf(pid: number): Set<string> {
  const folder = `/proc/${pid}/fd`;
  const links = readdirSync(folder).map((fd) => {
    try {
      return readlinkSync(`${folder}/${fd}`);
    } catch {
      return ""; // closed meanwhile
    }
  });
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/u.exec(link)?.[1] ?? []));
}

interface Row {
  readonly local: string;
  readonly state: string;
  readonly inode: string;
}

function rows(pid: number, file: "tcp" | "tcp6"): Row[] {
  const path = `/proc/${pid}/net/${file}`;
  const lines = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n").slice(1) : [];
  return lines.map((line) => {
    const [, local = "", , state = "", , , , , , inode = ""] = line.trim().split(/\s+/u);
    return { local, state, inode };
  });
}

/** The kernel writes addresses as hexadecimal words of four bytes, each in the machine's own order. */
function addressOf(local: string): { host: string; port: number } {
  const [address = "", port = ""] = local.split(":");
  const bytes = (address.match(/.{8}/gu) ?? []).flatMap((word) => (word.match(/../gu) ?? []).toReversed());
  const numbers = bytes.map((byte) => Number.parseInt(byte, 16));
  const isMapped = numbers.length === 16 && /^0{20}ffff/iu.test(bytes.join(""));
  const v4 = numbers.length === 4 || isMapped;
  const host = v4 ? numbers.slice(-4).join(".") : v6(bytes);
  return { host, port: Number.parseInt(port, 16) };
}

function v6(bytes: readonly string[]): string {
  const text = bytes.join("");
  if (/^0{32}$/u.test(text)) return "::";
  return /^0{31}1$/u.test(text) ? "::1" : text;
}
