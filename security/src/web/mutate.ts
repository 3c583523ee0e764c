import { between, pick, type Random } from "@ashchat/visitor/random";

/** JSON text: objects in memory could carry neither `__proto__` nor a key twice. */
type Json = string;

const HERE = "@@hostile-value@@";
const KEY = "@@hostile-key@@";
const LONG = 30_000;
const DEEP = 3_000;
const MANY = 3_000;

const OPERATORS = ["$gt", "$ne", "$in", "$nin", "$regex", "$where", "$expr", "$or", "$eq", "$not", "$exists", "$set"];
const KEYS = [
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "__defineGetter__", "then", "toJSON"],
  ...[
    "$where",
    "$or",
    "$comment",
    "_id",
    "userId",
    "role",
    "senderId",
    "seq.$gt",
    "roomId.$ne",
    "a.b",
    "",
    " ",
    "\\u0000",
  ],
];

/** What takes the place of a value. */
const VALUES: readonly ((random: Random, was: Json) => Json)[] = [
  (random, was) => `{"${pick(random, OPERATORS)}":${was}}`,
  (random) => `{"${pick(random, OPERATORS)}":""}`,
  (random, was) => `{"${pick(random, OPERATORS)}":[${was},{"$gt":""}]}`,
  () => '{"$where":"sleep(1000)"}',
  () => '{"$expr":{"$function":{"body":"function(){}","args":[],"lang":"js"}}}',
  (random) => `{"${pick(random, KEYS)}":{"${pick(random, KEYS)}":true}}`,
  () => '{"__proto__":{"isAdmin":true}}',
  () => '{"constructor":{"prototype":{"isAdmin":true}}}',
  (_random, was) => `[${was}]`,
  (_random, was) => `[[${was},${was}]]`,
  (_random, was) => `{"0":${was},"length":1}`,
  (_random, was) => `{"_bsontype":"ObjectId","id":${was}}`,
  (random) =>
    pick(random, ["null", "true", "false", "[]", "{}", '""', "0", "-1", "1.5", "1e309", "-0", "9007199254740993"]),
  (random) =>
    pick(random, ['"\\ud800"', '"\\u0000"', '"\\u202e"', '"../../etc/passwd"', '"$gt"', '"__proto__"', '"undefined"']),
  (random) => `"${"x".repeat(between(random, 1, LONG))}"`,
  (random) => "[".repeat(between(random, 1, DEEP)),
  (random) => `${"[".repeat(DEEP)}${"]".repeat(between(random, DEEP - 1, DEEP))}`,
  (random) => `[${Array.from({ length: between(random, 100, MANY) }, () => "0").join(",")}]`,
  (random, was) => `"${was.replaceAll(/[^a-z0-9_]/gi, "").slice(0, between(random, 0, 40))}"`,
  (_random, was) => `${was.slice(0, -1)}\\u0000"`,
  (random) => `{"$date":"${pick(random, ["1970", "x"])}","$oid":"0"}`,
];

/** Of the right type, so that they come behind the door: there they are texts and numbers, whatever else they look like. */
const TEXTS = [
  ...[
    "$where",
    "$ne",
    "__proto__",
    "constructor",
    "__proto__.isAdmin",
    "toString",
    "undefined",
    "NaN",
    "[object Object]",
  ],
  ...[
    '{"$gt":""}',
    '[{"$ne":null}]',
    "'; return true; var x='",
    "' || '1'=='1",
    "{{7*7}}",
    "${7*7}",
    "%s%n%x",
    "../../etc/passwd",
  ],
  ...[
    "<script>1</script>",
    "\u0130\u0131\ufb03",
    "e\u0301\u0323".repeat(10),
    "\ud83d\udc69\u200d\ud83d\udc67",
    "0",
    "-1",
    "1e309",
    "000000",
    "nobody-0000",
  ],
];
const NUMBERS = [0, 1, 2, 3, 49, 50, 51, 2 ** 31, Number.MAX_SAFE_INTEGER];
const ID = /^[a-z]+_[0-9a-z]{26}$/;

/** An input that is wrong in one or two places, as JSON; sometimes no JSON at all, sometimes wrong in what it says alone. */
export function mutate(input: unknown, random: Random): Json {
  if (random() < 1 / 25) return wholly(input, random);
  if (random() < 1 / 4) return plausible(input, random);
  const twice = random() < 1 / 4;
  const once = mutateOnce(input, random);
  if (!twice) return once;
  try {
    return mutateOnce(JSON.parse(once) as unknown, random);
  } catch {
    return once; // no JSON any more: wrong enough
  }
}

function wholly(input: unknown, random: Random): Json {
  const json = JSON.stringify(input);
  return pick(random, [
    json.slice(0, Math.floor(random() * json.length)),
    "",
    "null",
    "[]",
    "\ufeff{}",
    `${json}${json}`,
    "{]",
    "NaN",
  ]);
}

/** Hostile words and numbers in place of others; ids stay, or nothing would be found by them. */
function plausible(input: unknown, random: Random): Json {
  const places = placesIn(input, []).filter((path) => {
    const value = valueAt(input, path);
    return typeof value === "number" || (typeof value === "string" && !ID.test(value));
  });
  if (places.length === 0) return mutateOnce(input, random);
  const path = pick(random, places);
  const isNumber = typeof valueAt(input, path) === "number";
  return JSON.stringify(replaced(input, path, isNumber ? pick(random, NUMBERS) : pick(random, TEXTS)));
}

function mutateOnce(input: unknown, random: Random): Json {
  const places = placesIn(input, []);
  const path = pick(random, places);
  const at = valueAt(input, path);
  if (isObject(at) && random() < 1 / 2) return withExtraKey(input, path, random);
  const value = pick(random, VALUES)(random, JSON.stringify(at));
  return JSON.stringify(replaced(input, path, HERE)).replace(`"${HERE}"`, () => value);
}

/** A key that nobody asked for, or one that is there already. */
function withExtraKey(input: unknown, path: readonly string[], random: Random): Json {
  const object = valueAt(input, path);
  if (!isObject(object)) return JSON.stringify(input);
  const key = pick(random, [...KEYS, ...Object.keys(object)]);
  const value = pick(random, VALUES)(random, '"x"');
  const json = JSON.stringify(replaced(input, path, { ...object, [KEY]: HERE }));
  return json.replace(KEY, () => key).replace(`"${HERE}"`, () => value);
}

function placesIn(value: unknown, path: readonly string[]): (readonly string[])[] {
  const inner = isObject(value) || Array.isArray(value) ? Object.entries(value) : [];
  return [path, ...inner.flatMap(([key, one]) => placesIn(one, [...path, key]))];
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => (at === null || typeof at !== "object" ? at : Reflect.get(at, key)), value);
}

function replaced(value: unknown, path: readonly string[], by: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === key ? replaced(item, rest, by) : item));
  return isObject(value) ? { ...value, [key]: replaced(value[key], rest, by) } : value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
