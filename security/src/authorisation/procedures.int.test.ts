import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { openHouse, type OpenHouse } from "../house/open-house";
import { call } from "../house/call";
import type { ProcedurePath } from "../web/paths";
import { PROCEDURES } from "../web/procedures";
import { PROCEDURE_RULES, type Outcome, type ProcedureRule } from "./procedure-rules";
import { makeScene, noRoom, OUTSIDE, ROLES, SECRET, type Role, type Scene } from "./scene";

let house: OpenHouse;
let seenFromOutside: Scene;

beforeAll(async () => {
  house = await openHouse();
  seenFromOutside = await makeScene(house);
});
afterAll(() => house.close());

it("every procedure of the router has a rule, and every rule a procedure", () => {
  expect(Object.keys(PROCEDURE_RULES).toSorted()).toEqual(PROCEDURES.map(({ path }) => path).toSorted());
});

it("a table that misses a procedure does not compile", () => {
  const { "room.get": _left, ...incomplete } = PROCEDURE_RULES;
  // @ts-expect-error -- were paths any text, as they are for the router, the compiler would have nothing to say here
  const table: Readonly<Record<ProcedurePath, ProcedureRule>> = incomplete;
  expect(Object.keys(table)).toHaveLength(PROCEDURES.length - 1);
});

it("whatever takes a room is tried on a foreign one", () => {
  const takesRoom = PROCEDURES.filter(({ input }) => JSON.stringify(schemaOf(input)).includes('"roomId"'));
  expect(takesRoom.length).toBeGreaterThan(0);
  for (const { path } of takesRoom) expect([path, PROCEDURE_RULES[path].isAboutRoom]).toEqual([path, true]);
});

const schemaOf = (input: z.core.$ZodType | null) =>
  input === null ? {} : z.core.toJSONSchema(input, { io: "input", unrepresentable: "any" });

/** What was really answered, to compare with the table as a whole. */
const answered: Partial<Record<ProcedurePath, Partial<Record<Role, Outcome>>>> = {};

const cells = PROCEDURES.flatMap(({ path }) => ROLES.map((role) => ({ path, role })));

describe.each(cells)("$path, asked by $role", ({ path, role }) => {
  it("is answered by its rule, alike for a foreign room and one that does not exist, and leaves what is foreign as it was", async () => {
    const rule = PROCEDURE_RULES[path];
    const isOutside = OUTSIDE.includes(role);
    const scene = isOutside ? seenFromOutside : await makeScene(house);
    const cookie = await scene.cookieOf(role);
    const before = await scene.snapshot();
    const ask = (roomId = scene.groupId) =>
      call(house, path, { input: rule.input?.(scene, roomId), ...(cookie === undefined ? {} : { cookie }) });
    const answer = await ask();
    const outcome = answer.code ?? "ok";
    expect(outcome).toBe(rule.outcomes[role]);
    answered[path] = { ...answered[path], [role]: outcome };
    if (!isOutside && answer.code === null) return;
    expect(await scene.snapshot()).toEqual(before);
    expect(answer.text).not.toContain(SECRET);
    if (rule.isAboutRoom && isOutside) {
      const missing = await ask(noRoom());
      expect([answer.status, answer.text]).toEqual([missing.status, missing.text]);
      const foreignDirect = await ask(scene.directId);
      // A revoked session of a member is nobody's: it hears no more of this room than of any other.
      expect([foreignDirect.status, foreignDirect.text]).toEqual([missing.status, missing.text]);
    }
  });
});

it("every rule of the table was tried by every role", () => {
  const table = Object.entries(PROCEDURE_RULES).map(([path, { outcomes }]) => [path, outcomes]);
  expect(answered).toEqual(Object.fromEntries(table));
});
