import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../services/process.mjs";
import { ROOT } from "./definitions.mjs";

/** Next's standalone output lacks the static files: puts them beside its server. Idempotent. */
export function completeStandalone() {
  const web = join(ROOT, "apps", "web");
  const standalone = join(web, ".next", "standalone", "apps", "web");
  if (!existsSync(join(standalone, "server.js"))) throw new SetupError("apps/web is not built: run npm run build.");
  const copy = (from, to) => existsSync(from) && cpSync(from, to, { recursive: true });
  copy(join(web, ".next", "static"), join(standalone, ".next", "static"));
  copy(join(web, "public"), join(standalone, "public"));
}
