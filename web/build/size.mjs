// Fails when the first page, with all that it needs, is over its limit. What is loaded on demand is not counted.
import {readFileSync} from "node:fs";
import {gzipSync} from "node:zlib";

const limit = 300 * 1024;
const dist = new URL("../dist/", import.meta.url);
const size = (path) => gzipSync(readFileSync(new URL(path, dist)), {level: 9}).length;

const index = readFileSync(new URL("index.html", dist), "utf8");
const wanted = [...index.matchAll(/(?:src|href)="\/_croft\/console\/([^"]+)"/g)].map((match) => match[1]);
const seen = new Set();
for (const path of wanted) {
  if (seen.has(path)) continue;
  seen.add(path);
  if (!path.endsWith(".js")) continue;
  // A chunk's own static imports.
  for (const [, name] of readFileSync(new URL(path, dist), "utf8").matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) wanted.push(`assets/${name}`);
}
const bytes = [...seen].reduce((sum, path) => sum + size(path), size("index.html"));
console.log(`first page: ${(bytes / 1024).toFixed(1)} KiB gzipped of ${limit / 1024} KiB, ${seen.size + 1} files`);
if (bytes > limit) process.exit(1);
