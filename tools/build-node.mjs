#!/usr/bin/env node
/**
 * node tools/build-node.mjs ENTRY…   (run in a workspace)
 * Bundles each entry with the sources of @ashchat/* into dist/<name>.js; installed packages stay outside.
 * The name is the folder's, or the file's where it lies directly in src: src/main.ts → dist/main.js,
 * src/translation/main.ts → dist/translation.js, src/tools/check.ts → dist/check.js.
 */
import { basename, dirname, extname, relative } from "node:path";
import { build } from "esbuild";

/** The output name of an entry below src. */
export function outputName(entry) {
  const file = basename(entry, extname(entry));
  const folder = relative("src", dirname(entry));
  return file === "main" && folder ? basename(folder) : file;
}

/**
 * Leaves installed packages out of the bundle, except where the place of the bundle would find another version (or
 * none) than the source that imports them does: then the importer's own copy is bundled.
 */
function installedPackagesOutside() {
  return {
    name: "installed-packages-outside",
    setup(bundle) {
      bundle.onResolve({ filter: /^[^./]/ }, async (args) => {
        if (args.pluginData?.resolving || args.kind === "entry-point" || args.path.startsWith("@ashchat/"))
          return undefined;
        if (args.path.startsWith("node:")) return { path: args.path, external: true };
        const resolve = (resolveDir) =>
          bundle.resolve(args.path, { kind: args.kind, resolveDir, pluginData: { resolving: true } });
        const fromImporter = await resolve(args.resolveDir);
        if (fromImporter.errors.length > 0 || fromImporter.external) return fromImporter;
        const fromOutput = await resolve(process.cwd());
        return fromOutput.path === fromImporter.path ? { path: args.path, external: true } : fromImporter;
      });
    },
  };
}

async function main(entries) {
  if (entries.length === 0) throw new Error("usage: node tools/build-node.mjs ENTRY…");
  const names = entries.map(outputName);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated) throw new Error(`two entries would both become dist/${repeated}.js`);
  await build({
    entryPoints: entries.map((entry, index) => ({ in: entry, out: names[index] })),
    outdir: "dist",
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    jsx: "automatic",
    sourcemap: true,
    legalComments: "none",
    logLevel: "warning",
    // A bundled CommonJS package may call require; ES modules have none.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    plugins: [installedPackagesOutside()],
  });
  console.log(names.map((name) => `dist/${name}.js`).join(" "));
}

if (process.argv[1] === import.meta.filename) {
  await main(process.argv.slice(2)).catch((cause) => {
    console.error(cause.message);
    process.exitCode = 1;
  });
}
