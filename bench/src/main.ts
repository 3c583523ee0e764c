import { measureDurable } from "./rows/durable";
import { measureFanout } from "./rows/fanout";
import { measureIdle } from "./rows/idle";
import { measureLatency } from "./rows/latency";
import { measureScale } from "./rows/scale";
import { measureSend } from "./rows/send";
import { measureSlow } from "./rows/slow";
import { measureStorm } from "./rows/storm";
import { measureHistory } from "./rows/history";
import { measureTranslate } from "./rows/translate";
import { measureWeb } from "./rows/web";

/** `npm run bench -- ROW [--smoke]`: prints ratios beside peers that were measured in the same run. */
export interface BenchOptions {
  /** Seconds are cut to a moment: shows that the command works, not how fast anything is. */
  smoke: boolean;
  mongodbUrl: string;
  redisUrl: string;
  rabbitmqUrl: string;
  /** The first of 60 in a row that are ours. */
  firstPort: number;
}

const ROWS: Readonly<Record<string, (options: BenchOptions) => Promise<void>>> = {
  fanout: measureFanout,
  durable: measureDurable,
  latency: measureLatency,
  send: measureSend,
  idle: measureIdle,
  storm: measureStorm,
  slow: measureSlow,
  scale: measureScale,
  history: measureHistory,
  translate: measureTranslate,
  web: measureWeb,
};

const [row = "", ...flags] = process.argv.slice(2);
const measure = ROWS[row];
if (measure === undefined) {
  console.error(`no row "${row}"; there are: ${Object.keys(ROWS).join(", ")}`);
  process.exit(1);
}
await measure({
  smoke: flags.includes("--smoke"),
  mongodbUrl: addressOf("ASH_TEST_MONGODB_URL"),
  redisUrl: addressOf("ASH_TEST_REDIS_URL"),
  rabbitmqUrl: addressOf("ASH_TEST_RABBITMQ_URL"),
  firstPort: Number(addressOf("ASH_TEST_PORT_BASE")),
});
process.exit();

function addressOf(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "")
    throw new Error(`${name} is not set: run "npm run bench", which starts the servers`);
  return value;
}
