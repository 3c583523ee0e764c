import type { AppRouter } from "@ashchat/web/procedures";

/** `room` → `room.get`, `room.rename` …: a procedure is what has a `_def` with a type, all else leads to procedures. */
type PathsIn<Routes> = {
  [Name in keyof Routes & string]: Routes[Name] extends { _def: { procedure: true } }
    ? Name
    : `${Name}.${PathsIn<Routes[Name]>}`;
}[keyof Routes & string];

/** The path of every procedure that web serves, so that a table of them which misses one does not compile. */
export type ProcedurePath = PathsIn<AppRouter["_def"]["record"]>;
