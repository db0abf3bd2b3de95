import assert from "node:assert/strict";
import {execFileSync} from "node:child_process";
import {mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {test} from "node:test";
import {crc32, zip} from "./zip";

test("CRC-32 of the check string", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926); // its catalogues' check value
  assert.equal(crc32(new Uint8Array()), 0);
});

test("unzip finds every file as it was, with its mode", () => {
  const folder = mkdtempSync(join(tmpdir(), "croft-zip-"));
  const entries = [
    {path: "pump/README.md", text: "# pump\n", mode: 0o644},
    {path: "pump/certs/pump.private.key", text: "x".repeat(70_000), mode: 0o600},
    {path: "pump/empty", text: "", mode: 0o755},
    {path: "pump/ポンプ 7.txt", text: "日本語\r\n", mode: 0o644},
  ];
  writeFileSync(join(folder, "pump.zip"), zip(entries, new Date(2026, 10, 23, 13, 14, 16)));
  execFileSync("unzip", ["-tq", "pump.zip"], {cwd: folder});
  execFileSync("unzip", ["-q", "pump.zip"], {cwd: folder, env: {...process.env, LC_ALL: "C.UTF-8"}});
  for (const {path, text, mode} of entries) {
    assert.equal(readFileSync(join(folder, path), "utf8"), text);
    assert.equal(statSync(join(folder, path)).mode & 0o777, mode);
  }
  assert.deepEqual(statSync(join(folder, "pump/README.md")).mtime, new Date(2026, 10, 23, 13, 14, 16));
  rmSync(folder, {recursive: true});
});
