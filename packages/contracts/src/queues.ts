import * as z from "zod/mini";
import { clientIdSchema, correlationIdSchema, roomIdSchema, userIdSchema } from "./ids";
import { languageSchema, uiLanguageSchema } from "./languages";
import { seqSchema, timeMsSchema } from "./message";

/**
 * What travels through RabbitMQ: ids and decisions, never a message's text. Each body has a version `v` and a `type`;
 * an unknown version or shape is set aside with its reason and blocks nobody.
 */
export const QUEUES = {
  accountCreation: "ACCOUNT_CREATION_QUEUE",
  confirmEmailCode: "CONFIRM_EMAIL_CODE_QUEUE",
  profileCreation: "PROFILE_CREATION_QUEUE",
  translation: "TRANSLATION_QUEUE",
} as const;
export type QueueName = (typeof QUEUES)[keyof typeof QUEUES];

const envelope = { v: z.literal(1), correlationId: correlationIdSchema };

/** What is known of an account before its e-mail is confirmed; kept in Redis until then. The password is a hash. */
export const pendingAccountSchema = z.object({
  email: z.string(),
  name: z.string(),
  language: languageSchema,
  uiLanguage: uiLanguageSchema,
  passwordHash: z.string(),
});
export type PendingAccount = z.infer<typeof pendingAccountSchema>;

/** Keep the pending account and mail its code number `sendNumber`. Redelivered: the same code again. */
export const registerJobSchema = z.object({
  ...envelope,
  type: z.literal("account.register"),
  registrationId: userIdSchema,
  account: pendingAccountSchema,
  sendNumber: z.int(),
});
/** The address has an account: say so by mail instead of a code. */
export const alreadyRegisteredJobSchema = z.object({
  ...envelope,
  type: z.literal("account.already_registered"),
  registrationId: userIdSchema,
  email: z.string(),
  uiLanguage: uiLanguageSchema,
});
/** Mail code number `sendNumber` of a pending registration; nothing happens where it has expired. */
export const resendJobSchema = z.object({
  ...envelope,
  type: z.literal("account.resend_code"),
  registrationId: userIdSchema,
  sendNumber: z.int(),
});
export const accountCreationJobSchema = z.discriminatedUnion("type", [
  registerJobSchema,
  alreadyRegisteredJobSchema,
  resendJobSchema,
]);
export type AccountCreationJob = z.infer<typeof accountCreationJobSchema>;

export const codePurposeSchema = z.enum(["registration"]);
export type CodePurpose = z.infer<typeof codePurposeSchema>;

/** Is this the code? A request that is read after `deadlineAt` is dropped: nobody waits for it any more. */
export const confirmEmailCodeRequestSchema = z.object({
  ...envelope,
  type: z.literal("code.confirm"),
  registrationId: userIdSchema,
  purpose: codePurposeSchema,
  code: z.string(),
  deadlineAt: timeMsSchema,
});
export type ConfirmEmailCodeRequest = z.infer<typeof confirmEmailCodeRequestSchema>;

export const confirmEmailCodeReplySchema = z.discriminatedUnion("status", [
  z.object({ status: z.literal("confirmed"), account: pendingAccountSchema }),
  z.object({ status: z.literal("wrong"), triesLeft: z.int() }),
  z.object({ status: z.literal("burnt") }),
  z.object({ status: z.literal("expired") }),
]);
export type ConfirmEmailCodeReply = z.infer<typeof confirmEmailCodeReplySchema>;

export const profileCreationJobSchema = z.object({
  ...envelope,
  type: z.literal("profile.create"),
  userId: userIdSchema,
});
export type ProfileCreationJob = z.infer<typeof profileCreationJobSchema>;

/** One translation: (message, revision, language). */
export const translationJobSchema = z.object({
  ...envelope,
  type: z.literal("message.translate"),
  roomId: roomIdSchema,
  seq: seqSchema,
  revision: z.int(),
  language: languageSchema,
  /** The send that caused it, where there was one. */
  clientId: z.nullable(clientIdSchema),
});
export type TranslationJob = z.infer<typeof translationJobSchema>;

/** Which bodies may travel through which queue. */
export const QUEUE_SCHEMAS = {
  ACCOUNT_CREATION_QUEUE: accountCreationJobSchema,
  CONFIRM_EMAIL_CODE_QUEUE: confirmEmailCodeRequestSchema,
  PROFILE_CREATION_QUEUE: profileCreationJobSchema,
  TRANSLATION_QUEUE: translationJobSchema,
} as const satisfies Record<QueueName, unknown>;
export type QueueBody<Name extends QueueName> = z.infer<(typeof QUEUE_SCHEMAS)[Name]>;
