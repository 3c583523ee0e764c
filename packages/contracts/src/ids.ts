import * as z from "zod/mini";

/**
 * Every id is a prefix and 26 characters of Crockford base32 in lower case (128 random bits), so that an id says what it
 * names and cannot be guessed or counted. Branded: a room id cannot be passed where a user id is meant.
 */
const BODY = "[0-9a-hjkmnp-tv-z]{26}";

function prefixedId<Brand extends string>(prefix: string) {
  return z
    .string()
    .check(z.regex(new RegExp(`^${prefix}_${BODY}$`)))
    .brand<Brand>();
}

/** Also the registration id: an account keeps the id under which it was registered. */
export const userIdSchema = prefixedId<"UserId">("usr");
export const sessionIdSchema = prefixedId<"SessionId">("ses");
export const roomIdSchema = prefixedId<"RoomId">("room");
export const messageIdSchema = prefixedId<"MessageId">("msg");
export const changeIdSchema = prefixedId<"ChangeId">("chg");
/** Made by the client, the idempotency key of a send: unique per room and sender. */
export const clientIdSchema = z
  .string()
  .check(z.regex(/^[A-Za-z0-9_-]{16,64}$/))
  .brand<"ClientId">();
/** Names one flow of work through HTTP, queue, worker and frame; appears in every log line of it. */
export const correlationIdSchema = z.string().check(z.regex(/^[A-Za-z0-9_-]{8,64}$/));

export type UserId = z.infer<typeof userIdSchema>;
export type SessionId = z.infer<typeof sessionIdSchema>;
export type RoomId = z.infer<typeof roomIdSchema>;
export type MessageId = z.infer<typeof messageIdSchema>;
export type ChangeId = z.infer<typeof changeIdSchema>;
export type ClientId = z.infer<typeof clientIdSchema>;
export type CorrelationId = string;

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const ID_BYTES = 16;
const ID_CHARS = 26;

type IdPrefix = "usr" | "ses" | "room" | "msg" | "chg";
type IdOf<Prefix extends IdPrefix> = Prefix extends "usr"
  ? UserId
  : Prefix extends "ses"
    ? SessionId
    : Prefix extends "room"
      ? RoomId
      : Prefix extends "msg"
        ? MessageId
        : ChangeId;

/** Fills an array with random bytes; `crypto.getRandomValues` outside tests. */
export type RandomBytes = (sizeBytes: number) => Uint8Array;

const schemaOf = {
  usr: userIdSchema,
  ses: sessionIdSchema,
  room: roomIdSchema,
  msg: messageIdSchema,
  chg: changeIdSchema,
} as const;

export const cryptoRandomBytes: RandomBytes = (sizeBytes) => crypto.getRandomValues(new Uint8Array(sizeBytes));

/** A new id with 128 bits from `randomBytes`. */
export function newId<Prefix extends IdPrefix>(
  prefix: Prefix,
  randomBytes: RandomBytes = cryptoRandomBytes,
): IdOf<Prefix> {
  return schemaOf[prefix].parse(`${prefix}_${base32(randomBytes(ID_BYTES))}`) as IdOf<Prefix>;
}

/** A new client id (a UUID satisfies its schema as well). */
export function newClientId(randomBytes: RandomBytes = cryptoRandomBytes): ClientId {
  return clientIdSchema.parse(base32(randomBytes(ID_BYTES)));
}

/** 26 characters of lower-case Crockford base32 for 16 bytes; the last two bits are padding. */
function base32(bytes: Uint8Array): string {
  let out = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += ALPHABET.charAt((buffer >> bits) & 31);
    }
  }
  return (out + ALPHABET.charAt((buffer << (5 - bits)) & 31)).slice(0, ID_CHARS);
}
