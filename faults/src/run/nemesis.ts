import { between, pick, type Random } from "@ashchat/visitor/random";
import type { ProxyFault } from "../proxy";
import type { Device } from "./device";
import { PROXY_NAMES, type ProxyName, type Surroundings } from "./surroundings";

/** The processes and servers of a run, as whoever harms them needs them. */
export interface Victims {
  /** Ends it with SIGKILL and starts it again after `downMs`; resolves when it is ready. */
  crash(process: string, downMs: number): Promise<void>;
  /** SIGSTOP for `forMs`, then SIGCONT. */
  freeze(process: string, forMs: number): Promise<void>;
  /** SIGKILL of a server, then a start on the same data. */
  crashService(service: ServiceName, downMs: number): Promise<void>;
  /** SIGSTOP of a server for `forMs`, then SIGCONT. */
  freezeService(service: ServiceName, forMs: number): Promise<void>;
}

const SERVICES = ["redis", "rabbitmq", "mongodb"] as const;
export type ServiceName = (typeof SERVICES)[number];
const PROCESSES = ["realtime", "realtime-2", "web", "email-verification", "translation", "profiles", "jobs"] as const;

/** One fault that was done: what, to whom and how long. */
export interface DoneFault {
  name: string;
  target: string;
}

interface Fault extends DoneFault {
  run(): Promise<void>;
}

export interface NemesisOptions {
  victims: Victims;
  proxies: Surroundings["proxies"];
  devices: readonly Device[];
  random: Random;
  /** Processes that are never killed: their memory is watched for as long as a run lasts. Frozen they may be. */
  spared: readonly string[];
  log: (line: string) => void;
}

type Card = (options: NemesisOptions) => Fault;

/** Fifteen kinds of harm: a short run draws twelve of them, a long one shuffles them anew after each round. */
const DECK: readonly Card[] = [
  ...PROCESSES.map((name) => crashOf(name)),
  ...SERVICES.map((name) => crashOfService(name)),
  freezeOfAny,
  freezeOfAnyService,
  harmOfAnyLink,
  harmOfAnyLink,
  deviceOffline,
];

/** The order of the faults of a run: the same seed gives the same. */
function drawFaults(count: number, random: Random): Card[] {
  const drawn: Card[] = [];
  while (drawn.length < count) drawn.push(...shuffled(DECK, random));
  return drawn.slice(0, count);
}

/** Does the faults spread over the time in which `progress` (0 to 1) grows. Two may overlap, but never on one target. */
export async function runNemesis(
  options: NemesisOptions,
  { faults, progress, onBegin }: { faults: number; progress: () => number; onBegin: (share: number) => void },
): Promise<DoneFault[]> {
  const { random, log } = options;
  const cards = drawFaults(faults, random);
  const done: DoneFault[] = [];
  const running = new Map<string, Promise<void>>();
  for (const [index, card] of cards.entries()) {
    const fault = card(options);
    await until(() => progress() >= (index + 1) / (cards.length + 2));
    await running.get(fault.target);
    if (running.size >= OVERLAP_MAX) await Promise.race(running.values());
    log(`fault ${index + 1}/${cards.length}: ${fault.name} ${fault.target}`);
    const ended = fault.run().finally(() => running.delete(fault.target));
    running.set(fault.target, ended);
    onBegin((index + 1) / cards.length);
    done.push({ name: fault.name, target: fault.target });
  }
  await Promise.all(running.values());
  return done;
}

const OVERLAP_MAX = 2;
const LOOK_MS = 50;

/** Where `wished` is spared, another process is killed in its place. */
function crashOf(wished: string): Card {
  return ({ victims, random, spared }) => {
    const target = spared.includes(wished)
      ? pick(
          random,
          PROCESSES.filter((name) => !spared.includes(name)),
        )
      : wished;
    const downMs = between(random, 0, 1_000);
    return { name: "SIGKILL", target, run: () => victims.crash(target, downMs) };
  };
}

function crashOfService(target: ServiceName): Card {
  return ({ victims, random }) => {
    const downMs = between(random, 0, 1_500);
    return { name: "SIGKILL", target, run: () => victims.crashService(target, downMs) };
  };
}

function freezeOfAny({ victims, random }: NemesisOptions): Fault {
  const target = pick(random, PROCESSES);
  const forMs = between(random, 1_000, 5_000);
  return { name: `SIGSTOP ${forMs} ms`, target, run: () => victims.freeze(target, forMs) };
}

function freezeOfAnyService({ victims, random }: NemesisOptions): Fault {
  const target = pick(random, SERVICES);
  const forMs = between(random, 1_000, 4_000);
  return { name: `SIGSTOP ${forMs} ms`, target, run: () => victims.freezeService(target, forMs) };
}

function harmOfAnyLink({ proxies, random }: NemesisOptions): Fault {
  const link: ProxyName = pick(random, PROXY_NAMES);
  const fault = pick<() => ProxyFault>(random, [
    () => ({ kind: "cut" }),
    () => ({ kind: "black_hole" }),
    () => ({ kind: "lose_replies" }),
    () => ({ kind: "slow", latencyMs: between(random, 50, 400) }),
  ])();
  const forMs = between(random, 500, 4_000);
  return {
    name: `${fault.kind} ${forMs} ms`,
    target: `the link to ${link}`,
    async run() {
      proxies[link].set(fault);
      await pause(forMs);
      proxies[link].set({ kind: "none" });
    },
  };
}

function deviceOffline({ devices, random }: NemesisOptions): Fault {
  const device = pick(random, devices);
  const forMs = between(random, 2_000, 8_000);
  return {
    name: `offline ${forMs} ms`,
    target: device.name,
    async run() {
      device.setOnline(false);
      await pause(forMs);
      device.setOnline(true);
    },
  };
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  return items
    .map((item) => ({ item, rank: random() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(LOOK_MS);
}
