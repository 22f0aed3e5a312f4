// Compiles the sheet and the script that every page loads and the scripts of single pages, and copies the Khmer font beside them.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { compile } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "..");
const out = resolve(here, "build");
mkdirSync(out, { recursive: true });

const sheet = compile(resolve(here, "src/site.scss"), {
  loadPaths: [root, resolve(root, "node_modules")],
  quietDeps: true,
  style: "compressed",
});
writeFileSync(resolve(out, "site.css"), sheet.css);

await build({
  entryPoints: ["site.js", "photos.js", "signature.js", "verify.js", "visit-fill.js"].map((script) => resolve(here, "src", script)),
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2020",
});

copyFileSync(
  resolve(root, "node_modules/@fontsource/noto-sans-khmer/files/noto-sans-khmer-khmer-400-normal.woff2"),
  resolve(out, "noto-sans-khmer.woff2"),
);
for (const picture of ["emblem.svg", "cambodia.svg"]) copyFileSync(resolve(here, "src", picture), resolve(out, picture));
