import { silentLogger } from "@ashchat/runtime/logger";
import { createMetrics } from "@ashchat/runtime/metrics";
import { connectMessaging } from "../connect";
import { RETRY_DELAYS_MS } from "../testing";

/**
 * A consumer in a process of its own, for tests that kill it: URL NAMESPACE DEADLY. It prints `began SEQ` and `done SEQ`
 * and kills itself at the job whose seq is DEADLY.
 */
const [url = "", namespace = "", deadly = ""] = process.argv.slice(2);
const metrics = createMetrics({ process: "sample", defaults: false });
const messaging = await connectMessaging({
  url,
  namespace,
  metrics,
  log: silentLogger(),
  retryDelaysMs: RETRY_DELAYS_MS,
});

messaging.consume("TRANSLATION_QUEUE", async ({ seq }) => {
  process.stdout.write(`began ${seq}\n`);
  if (seq === Number(deadly)) process.kill(process.pid, "SIGKILL");
  await new Promise((resolve) => {
    setTimeout(resolve, 1);
  });
  process.stdout.write(`done ${seq}\n`);
  return { kind: "done" };
});
