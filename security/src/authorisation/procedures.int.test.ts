import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openHouse, type OpenHouse } from "../house/open-house";
import { call } from "../house/call";
import { PROCEDURES } from "../web/procedures";
import { PROCEDURE_RULES } from "./procedure-rules";
import { makeScene, noRoom, OUTSIDE, ROLES, SECRET, type Scene } from "./scene";

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

const cells = PROCEDURES.flatMap(({ path }) => ROLES.map((role) => ({ path, role })));

describe.each(cells)("$path, asked by $role", ({ path, role }) => {
  it("is answered by its rule, alike for a foreign room and one that does not exist, and leaves what is foreign as it was", async () => {
    const rule = PROCEDURE_RULES[path];
    if (rule === undefined) throw new Error(`${path} has no rule`);
    const isOutside = OUTSIDE.includes(role);
    const scene = isOutside ? seenFromOutside : await makeScene(house);
    const cookie = await scene.cookieOf(role);
    const before = await scene.snapshot();
    const ask = (roomId = scene.groupId) =>
      call(house, path, { input: rule.input?.(scene, roomId), ...(cookie === undefined ? {} : { cookie }) });
    const answer = await ask();
    expect(answer.code ?? "ok").toBe(rule.outcomes[role]);
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
