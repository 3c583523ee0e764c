import { LIMITS } from "@ashchat/contracts/limits";
import { QUEUES } from "@ashchat/contracts/queues";
import { connectMessaging } from "@ashchat/messaging/connect";
import { connectRedis } from "@ashchat/redis/connect";
import { systemClock } from "@ashchat/runtime/clock";
import { runProcess } from "@ashchat/runtime/process";
import { emailVerificationEnvSchema } from "@ashchat/runtime/processes";
import { openMailer } from "../mail/mailer";
import { handleAccountCreation } from "./handle-account-creation";
import { handleCodeConfirmation } from "./handle-code-confirmation";

/** Mails go out over a few connections; more in hand would only wait for them. */
const PREFETCH = 10;

/** Mails codes and judges them. Has no database: what waits for a code lives in Redis until the code's time is up. */
await runProcess({
  name: "email-verification",
  envSchema: emailVerificationEnvSchema,
  internalPort: (env) => env.EMAIL_VERIFICATION_INTERNAL_PORT,
  async start({ env, log, metrics, shutdown, crash }) {
    const mailer = openMailer({ smtpUrl: env.SMTP_URL, from: env.MAIL_FROM });
    shutdown.add("connections", "smtp", () => mailer.close());
    const redis = await connectRedis({ url: env.REDIS_URL, namespace: env.NAMESPACE, log, metrics });
    shutdown.add("connections", "redis", () => redis.close());
    const messaging = await connectMessaging({
      url: env.RABBITMQ_URL,
      namespace: env.NAMESPACE,
      log,
      metrics,
      name: "email-verification",
    });
    shutdown.add("work", "rabbitmq", () => messaging.close());

    const { codes } = redis;
    const creation = {
      codes,
      mailer,
      codeSecret: env.CODE_SECRET,
      codeTtlMs: LIMITS.codeTtlMs,
      publicUrl: env.PUBLIC_URL,
      crash,
    };
    const confirmation = { codes, codeSecret: env.CODE_SECRET, clock: systemClock, log, crash, metrics };
    messaging.consume(QUEUES.accountCreation, (job) => handleAccountCreation(creation, job), { prefetch: PREFETCH });
    messaging.consume(QUEUES.confirmEmailCode, (request) => handleCodeConfirmation(confirmation, request), {
      prefetch: PREFETCH,
    });

    return {
      checks: {
        redis: () => redis.ready(),
        rabbitmq: () => messaging.ready(),
        smtp: async () => {
          await mailer.verify();
          return { ok: true, detail: new URL(env.SMTP_URL).host };
        },
      },
    };
  },
});
