import { testEnv, waitFor } from "@ashchat/runtime/testing";
import * as z from "zod";

const mailsSchema = z.array(z.object({ subject: z.string(), text: z.string(), code: z.string().nullable() }));
export type CaughtMail = z.infer<typeof mailsSchema>[number];

/** Newest first. */
export async function mailsTo(email: string): Promise<CaughtMail[]> {
  const response = await fetch(`${testEnv("ASH_TEST_INBOX_URL")}/api/mails?to=${encodeURIComponent(email)}`);
  return mailsSchema.parse(await response.json());
}

/** The newest code once there are `count` mails. */
export async function codeMailedTo(email: string, count = 1): Promise<string> {
  return waitFor(
    async () => {
      const mails = await mailsTo(email);
      return mails.length >= count ? mails[0]?.code : null;
    },
    { deadlineMs: 30_000, what: `mail ${count} for ${email}` },
  );
}
