import * as z from "zod/mini";
import { LIMITS } from "./limits";

// One mailbox and nothing else: no list, no display name, no quoting, no control or look-alike characters. An encoded word
// (`=?…?=`) is one mailbox here and another for whoever decodes it.
const MAILBOX =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/** NFKC and lower case first, judged after: what is checked is what is stored and mailed. */
export const emailSchema = z.pipe(
  z.pipe(
    z.string().check(z.maxLength(LIMITS.emailCharsMax * 2)),
    z.transform((email: string) => email.normalize("NFKC").trim().toLowerCase()),
  ),
  z.string().check(
    z.maxLength(LIMITS.emailCharsMax),
    z.regex(MAILBOX),
    z.refine((email) => !/\.\.|^\.|\.@|=\?/.test(email)),
  ),
);
