// Bundles each src/**/*.test.ts for Node and runs them with its test runner.
import {spawnSync} from "node:child_process";
import {mkdtempSync, readdirSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {build} from "esbuild";

const root = new URL("../src/", import.meta.url).pathname;
const tests = readdirSync(root, {recursive: true}).filter((name) => name.endsWith(".test.ts")).map((name) => join(root, name));
const out = mkdtempSync(join(tmpdir(), "croft-console-"));
await build({entryPoints: tests, bundle: true, platform: "node", format: "esm", outdir: out, outbase: root, outExtension: {".js": ".mjs"}, logLevel: "warning"});
const files = readdirSync(out, {recursive: true}).filter((name) => name.endsWith(".mjs")).map((name) => join(out, name));
const {status} = spawnSync(process.execPath, ["--test", ...files], {stdio: "inherit"});
rmSync(out, {recursive: true});
process.exit(status ?? 1);
