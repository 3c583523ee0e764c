import type { RoomId } from "@ashchat/contracts/ids";
import { LIMITS } from "@ashchat/contracts/limits";
import { clientFrameSchema, type ClientFrame } from "@ashchat/contracts/realtime";
import type * as z from "zod";
import { FRAME_RULES } from "../authorisation/frame-rules";

/** A good frame with one thing wrong, as JSON. */
export interface SpoiltFrame {
  readonly t: ClientFrame["t"];
  /** `cursors.0.seq`; empty: the frame itself. */
  readonly field: string;
  readonly how: string;
  readonly json: string;
}

/** JSON text: a value in memory could not be all that a text can. */
type Json = string;
type Spoils = Readonly<Record<string, Json>>;

interface Field {
  readonly path: readonly string[];
  readonly schema: z.core.$ZodType;
}

const HERE = "@@spoilt@@";
const EXTRA = "@@extra-key@@";
const TOO_LONG = "x".repeat(LIMITS.messageCodePointsMax + 1);
const BODY = "0".repeat(26);

/** No field of ours is any of these. */
const WRONG_TYPES: Spoils = {
  null: "null",
  true: "true",
  "an operator": '{"$gt":""}',
  "an object like a list": '{"0":"x","length":1}',
  "nothing within": "{}",
  "deep within": `${"[".repeat(500)}${"]".repeat(500)}`,
};
const NO_TEXT: Spoils = { ...WRONG_TYPES, "a number": "7", "a list": "[]" };
const TEXT: Spoils = {
  ...NO_TEXT,
  empty: '""',
  "white space": '" \\n\\t"',
  "too long": JSON.stringify(TOO_LONG),
  "a control character": '"\\u0000"',
  "half a character": '"\\ud800"',
};
const ROOM_ID: Spoils = {
  "another kind of id": `"msg_${BODY}"`,
  "an id without its kind": `"${BODY}"`,
  "an id in capitals": `"ROOM_${BODY}"`,
  "an id with a letter that none has": `"room_${BODY.slice(1)}u"`,
  "an id too short": `"room_${BODY.slice(1)}"`,
  "an id too long": `"room_${BODY}0"`,
  "an id and a line": `"room_${BODY}\\n"`,
  "a name of every object": '"__proto__"',
  "a path": '"../../../../etc/passwd"',
};
const CLIENT_ID: Spoils = {
  "an id too short": `"${BODY.slice(0, 15)}"`,
  "an id too long": `"${"0".repeat(65)}"`,
  "an id and a line": `"${BODY}\\n"`,
  "an id with a blank": `"${BODY} ${BODY}"`,
  "an id with a dot": `"${BODY}.$gt"`,
  "an id in other digits": `"${"\uff10".repeat(26)}"`,
};
const NUMBER: Spoils = {
  ...WRONG_TYPES,
  "a list": "[]",
  "a number in words": '"1"',
  "a negative number": "-1",
  "a part of a number": "1.5",
  "beyond what numbers count exactly": "9007199254740993",
  "beyond all numbers": "1e309",
};
const LITERAL: Spoils = {
  ...NO_TEXT,
  "unknown to anybody": '"shutdown"',
  capitals: '"PING"',
  "of the server": '"ready"',
};
const EXTRA_KEYS = ["extra", "__proto__", "constructor", "toString", "$where", ""];

/** Every frame that a client may send, wrong in every way that its schema has: derived, so a new field is here by itself. */
export function spoiltFrames(roomId: RoomId): SpoiltFrame[] {
  return FRAMES.flatMap(({ t, schema }) => {
    const good = FRAME_RULES[t].frame(roomId);
    return fieldsOf(schema, []).flatMap((field) => spoilField(t, good, field));
  });
}

/** The names of all fields, `send.text` and so on; a list's items as `0`. */
export function fieldNames(): string[] {
  return FRAMES.flatMap(({ t, schema }) => fieldsOf(schema, []).map(({ path }) => [t, ...path].join(".")));
}

const FRAMES = clientFrameSchema.def.options.flatMap((schema) => schema.shape.t.def.values.map((t) => ({ t, schema })));

function fieldsOf(schema: z.core.$ZodType, path: readonly string[]): Field[] {
  const own = { path, schema };
  const { def } = schema._zod;
  if (def.type === "object") {
    const { shape } = def as z.core.$ZodObjectDef;
    return [own, ...Object.entries(shape).flatMap(([name, part]) => fieldsOf(part, [...path, name]))];
  }
  if (def.type === "array") return [own, ...fieldsOf((def as z.core.$ZodArrayDef).element, [...path, "0"])];
  return [own];
}

function spoilField(t: ClientFrame["t"], good: ClientFrame, { path, schema }: Field): SpoiltFrame[] {
  const field = path.join(".");
  const put = (json: Json) => JSON.stringify(replaced(good, path, HERE)).replace(`"${HERE}"`, () => json);
  const spoilt = (how: string, json: Json): SpoiltFrame => ({ t, field, how, json });
  const wrong = Object.entries(spoilsOf(schema, valueAt(good, path))).map(([how, json]) => spoilt(how, put(json)));
  const extra =
    schema._zod.def.type === "object"
      ? EXTRA_KEYS.map((key) => spoilt(`with the key ${key}`, withKey(good, path, key)))
      : [];
  const isMember = path.length > 0 && path.at(-1) !== "0";
  return [
    ...(isMember ? [spoilt("missing", JSON.stringify(replaced(good, path, undefined)))] : []),
    ...wrong,
    ...extra,
  ];
}

function spoilsOf(schema: z.core.$ZodType, value: unknown): Spoils {
  const { def } = schema._zod;
  switch (def.type) {
    case "string":
      return { ...TEXT, ...idSpoils(def, value) };
    case "number":
      return NUMBER;
    case "literal":
      return LITERAL;
    case "object":
      return { ...NO_TEXT, "a text": '"x"', "within a list": `[${JSON.stringify(value)}]` };
    case "array":
      // More items than are allowed do not fit into a frame.
      return { ...WRONG_TYPES, "a number": "7", "a text": '"x"' };
    default:
      throw new Error(`nobody has said how a field of type ${def.type} can be wrong`);
  }
}

/** Of a field that has a pattern. */
function idSpoils({ checks = [] }: z.core.$ZodTypeDef, value: unknown): Spoils {
  const isId = checks.some(({ _zod: { def } }) => "format" in def && def.format === "regex");
  if (!isId) return {};
  return String(value).startsWith("room_") ? ROOM_ID : CLIENT_ID;
}

function withKey(good: ClientFrame, path: readonly string[], key: string): Json {
  const object = valueAt(good, path);
  const json = JSON.stringify(replaced(good, path, { ...(object as object), [EXTRA]: 1 }));
  return json.replace(EXTRA, () => key);
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], value);
}

/** The same with another value at `path`; undefined takes the field away. */
function replaced(value: unknown, path: readonly string[], by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === key ? replaced(item, rest, by) : item));
  const object = value as Record<string, unknown>;
  return { ...object, [key]: replaced(object[key], rest, by) };
}
