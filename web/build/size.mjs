// Fails when the first page, with all that it needs, is over its limit: index.html, the home screen and its chart. What other
// screens load on demand is not counted.
import {readdirSync, readFileSync} from "node:fs";
import {gzipSync} from "node:zlib";

const limit = 300 * 1024;
const dist = new URL("../dist/", import.meta.url);
const read = (path) => readFileSync(new URL(path, dist));

const index = read("index.html").toString();
const wanted = new Set([...index.matchAll(/(?:src|href)="\/_croft\/console\/([^"]+)"/g)].map((match) => match[1]));
const home = readdirSync(new URL("assets/", dist)).filter((name) => /^(presence|uPlot)/.test(name));
if (home.length < 2) throw new Error("the home screen's chunks are not called presence-… and uPlot…");
for (const name of home) wanted.add(`assets/${name}`);
for (const path of wanted) {
  if (!path.endsWith(".js")) continue;
  for (const [, name] of read(path).toString().matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) wanted.add(`assets/${name}`);
}
const bytes = [...wanted, "index.html"].reduce((sum, path) => sum + gzipSync(read(path), {level: 9}).length, 0);
console.log(`first page: ${(bytes / 1024).toFixed(1)} KiB gzipped of ${limit / 1024} KiB, ${wanted.size + 1} files`);
if (bytes > limit) process.exit(1);
