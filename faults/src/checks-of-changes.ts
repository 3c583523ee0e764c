import { mayBe, placeOf, wasAskedFor, type Facts } from "./facts";
import type { LookFact, Violation } from "./history";

/** What is judged of messages that their authors edit and delete. Each check belongs to an invariant of docs/reliability.md. */

/** 1. An edit or a deletion that was acknowledged stands, or was followed by another. */
export function checkAcknowledgedChanges({ changes, storedByPlace }: Facts): Violation[] {
  return changes
    .filter(({ result }) => result === "ok")
    .flatMap((change) => {
      const stored = storedByPlace.get(placeOf(change));
      if (stored === undefined || stored.text === null) return []; // judged as a lost message, or deleted afterwards
      const where = `${change.device}: ${placeOf(change)}`;
      if (change.text === null) return [{ invariant: 1, detail: `${where} was deleted and stands` }];
      if (stored.revision <= change.revision) return [{ invariant: 1, detail: `${where} lost an edit` }];
      const isLast = stored.revision === change.revision + 1;
      return isLast && stored.text !== change.text
        ? [{ invariant: 1, detail: `${where} has another text than the edit that was acknowledged` }]
        : [];
    });
}

/** 2. Nothing is shown or stored that nobody wrote, and one revision is one text: for every device, the database and the author. */
export function checkTexts(facts: Facts): Violation[] {
  const { looks, evidence, changes } = facts;
  const seen = [...looks, ...evidence.stored];
  const unexpected = seen
    .filter((look) => !wasAskedFor(facts, look))
    .map((look) => ({ invariant: 2, detail: `unexpected: ${look.clientId} at ${placeOf(look)}, ${describe(look)}` }));
  const texts = new Map<string, string>();
  const acknowledged = changes
    .filter(({ result }) => result === "ok")
    .map((change) => ({ ...change, revision: change.revision + 1 }));
  const disagreeing = [...seen, ...acknowledged].flatMap((look) => {
    if (look.text === null) return [];
    const key = `${placeOf(look)} revision ${look.revision}`;
    const known = texts.get(key) ?? look.text;
    texts.set(key, known);
    return known === look.text ? [] : [{ invariant: 2, detail: `${key} has two texts` }];
  });
  return [...unexpected, ...disagreeing];
}

/** 5. A device never goes back: a revision does not fall, what was deleted does not come again. */
export function checkGoingBack({ looks }: Facts): Violation[] {
  const last = new Map<string, LookFact>();
  return looks.flatMap((look) => {
    const key = `${look.device} ${placeOf(look)}`;
    const before = last.get(key);
    last.set(key, look);
    if (before === undefined) return [];
    if (before.text === null && look.text !== null)
      return [{ invariant: 5, detail: `${key} was deleted and came again` }];
    return look.revision < before.revision
      ? [{ invariant: 5, detail: `${key} went from revision ${before.revision} to ${look.revision}` }]
      : [];
  });
}

/** 6. What was deleted says nothing any more: not in the database, not on a device, not in a translation. */
export function checkDeleted({ evidence, attempted, editsByPlace, looks }: Facts): Violation[] {
  const left = evidence.stored.flatMap((message) => {
    const { remains } = message;
    if (message.text !== null || remains === null) return [];
    const edits = [...(editsByPlace.get(placeOf(message))?.values() ?? [])].flatMap((texts) => [...texts]);
    const said = [attempted.get(message.clientId), ...edits].filter((text) => text !== undefined);
    const isLeft =
      said.some((text) => remains.includes(text)) || message.translations.some(({ text }) => text !== null);
    return isLeft ? [{ invariant: 6, detail: `${placeOf(message)} is deleted and its text is left` }] : [];
  });
  const kept = evidence.devices.flatMap(({ device, roomId, kept: facts, cold }) =>
    [...facts, ...cold]
      .filter(({ text, revision, translation }) => text === null && revision > 0 && translation !== null)
      .map(({ seq }) => ({
        invariant: 6,
        detail: `${device}: ${placeOf({ roomId, seq })} is deleted, its translation not`,
      })),
  );
  const shown = looks
    .filter(({ text, translation }) => text === null && translation !== null)
    .map((look) => ({ invariant: 6, detail: `${look.device}: ${placeOf(look)} is deleted, its translation shown` }));
  return [...left, ...kept, ...shown];
}

/** 7. Whatever a device shows as the translation of a revision is made of the text of that revision. */
export function checkTranslationsShown(facts: Facts): Violation[] {
  const { looks, evidence, storedByPlace } = facts;
  return looks.flatMap((look) => {
    const { translation } = look;
    if (translation === null) return [];
    const { language, revision, text } = translation;
    const made = (original: string) => evidence.expectedTranslation(original, language) === text;
    const stored = storedByPlace.get(placeOf(look));
    const known = revision === look.revision ? look.text : revision === stored?.revision ? stored.text : null;
    const isRight = known === null ? originalsOf(facts, look, revision).some(made) : made(known);
    if (revision <= look.revision && isRight) return [];
    return [
      {
        invariant: 7,
        detail: `${look.device}: ${placeOf(look)} revision ${revision} is not what its ${language} says`,
      },
    ];
  });
}

/** What the message may have said at a revision. */
function originalsOf(facts: Facts, message: LookFact, revision: number): string[] {
  const first = facts.attempted.get(message.clientId);
  const edits = facts.editsByPlace.get(placeOf(message))?.get(revision) ?? [];
  return [...(first === undefined ? [] : [first]), ...edits].filter((text) =>
    mayBe(facts, message, { revision, text }),
  );
}

function describe({ text, revision }: Pick<LookFact, "text" | "revision">): string {
  return text === null ? "deleted" : `revision ${revision}`;
}
