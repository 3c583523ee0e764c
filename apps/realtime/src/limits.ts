import type { LIMITS } from "@ashchat/contracts/limits";

/** The bounds of a node: LIMITS in production; tests hand over shorter times and smaller queues. */
export type NodeLimits = { readonly [Name in keyof typeof LIMITS]: number };
