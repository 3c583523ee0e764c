import type { RoomId, UserId } from "@ashchat/contracts/ids";
import { newClientId } from "@ashchat/contracts/ids";
import { pick, type Random } from "@ashchat/visitor/random";
import * as z from "zod";

/** Ids that mean something to whoever attacks, so that a good input goes all the way into the database. */
export interface Vocabulary {
  readonly roomIds: readonly RoomId[];
  readonly userIds: readonly UserId[];
  readonly sessionIds: readonly string[];
}

/** Any input as a schema wants it, found by asking the schema which words it takes. */
export function sampleOf(schema: z.core.$ZodType | null, vocabulary: Vocabulary, random: Random): unknown {
  if (schema === null) return {};
  const { def } = schema._zod;
  if (def.type === "object") return sampleObject(schema, vocabulary, random);
  if (def.type === "array") {
    const { element } = def as z.core.$ZodArrayDef;
    return Array.from({ length: 1 + Math.floor(random() * 2) }, () => sampleOf(element, vocabulary, random));
  }
  if (def.type === "optional" || def.type === "nullable" || def.type === "default") {
    return sampleOf((def as z.core.$ZodOptionalDef).innerType, vocabulary, random);
  }
  return pick(random, accepted(schema, vocabulary));
}

function sampleObject(schema: z.core.$ZodType, vocabulary: Vocabulary, random: Random): Record<string, unknown> {
  const { shape } = schema._zod.def as z.core.$ZodObjectDef;
  const entries = Object.entries(shape).filter(([, part]) => part._zod.def.type !== "optional" || random() < 1 / 2);
  return Object.fromEntries(entries.map(([name, part]) => [name, sampleOf(part, vocabulary, random)]));
}

function accepted(schema: z.core.$ZodType, { roomIds, userIds, sessionIds }: Vocabulary): unknown[] {
  const words = [...roomIds, ...userIds, ...sessionIds, newClientId(), "123456", "es", "en", "ana-4k7q", "Ana"];
  const candidates = [...words, "correct horse battery", `${newClientId()}@example.org`, 1, 2, true, null];
  const fitting = candidates.filter((candidate) => z.core.safeParse(schema, candidate).success);
  if (fitting.length === 0) throw new Error(`no sample fits a schema of type ${schema._zod.def.type}`);
  return fitting;
}
