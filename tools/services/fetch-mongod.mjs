/** node fetch-mongod.mjs VERSION FOLDER: fetches a mongod once and prints its path. A process of its own, so that its caller can give up. */
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(import.meta.dirname, "..", "..", "package.json"));
const { MongoBinary } = require("mongodb-memory-server-core");
const [version, downloadDir] = process.argv.slice(2);
console.log(await MongoBinary.getPath({ version, downloadDir }));
