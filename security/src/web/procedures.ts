import { appRouter } from "@ashchat/web/procedures";
import type * as z from "zod";
import type { ProcedurePath } from "./paths";

/** A procedure of the router that web serves. */
export interface Procedure {
  readonly path: ProcedurePath;
  readonly isMutation: boolean;
  /** Null where it takes nothing. */
  readonly input: z.core.$ZodType | null;
}

interface Definition {
  readonly _def: { readonly type: string; readonly inputs: readonly z.core.$ZodType[] };
}

/** Every procedure there is: a new one is here by itself. */
export const PROCEDURES: readonly Procedure[] = Object.entries(appRouter._def.procedures).map(([name, procedure]) => {
  const { type, inputs } = (procedure as unknown as Definition)._def;
  // The router's own names: a test compares them with the type's.
  const path = name as ProcedurePath;
  return { path, isMutation: type === "mutation", input: inputs[0] ?? null };
});
