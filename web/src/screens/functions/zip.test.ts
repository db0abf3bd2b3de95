import assert from "node:assert/strict";
import {Duplex} from "node:stream";
import {test} from "node:test";
import {createInflateRaw, deflateRawSync} from "node:zlib";
import {contentOf, filesOf, textOf, ZipError} from "./zip";

// Debian's Node 18 has no raw deflate in its streams, as browsers have; its zlib has.
try {
  new DecompressionStream("deflate-raw");
} catch {
  const inflating = function () {
    return Duplex.toWeb(createInflateRaw());
  };
  globalThis.DecompressionStream = inflating as unknown as typeof DecompressionStream;
}

// An archive as tools write it: local headers with their own extra field, a directory, a comment at the end.
function zip(files: [name: string, content: string, method: 0 | 8][], comment = ""): Uint8Array {
  const parts: Buffer[] = [], directory: Buffer[] = [];
  let at = 0;
  for (const [name, content, method] of files) {
    const data = method === 8 ? deflateRawSync(Buffer.from(content)) : Buffer.from(content);
    const local = Buffer.alloc(30), entry = Buffer.alloc(46), extra = Buffer.from([1, 0, 0, 0]);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(Buffer.byteLength(name), 26);
    local.writeUInt16LE(extra.length, 28);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(data.length, 20);
    entry.writeUInt32LE(Buffer.byteLength(content), 24);
    entry.writeUInt16LE(Buffer.byteLength(name), 28);
    entry.writeUInt32LE(at, 42);
    const piece = Buffer.concat([local, Buffer.from(name), extra, data]);
    parts.push(piece);
    directory.push(Buffer.concat([entry, Buffer.from(name)]));
    at += piece.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  return new Uint8Array(Buffer.concat([...parts, ...directory, end, Buffer.from(comment)]));
}

const long = "print('x')\n".repeat(1000);
const archive = zip([["src/index.py", long, 8], ["a é.txt", "ü", 0], ["src/", "", 0]], "made by hand");

test("the files of an archive are listed by name, folders are not", () => {
  assert.deepEqual(filesOf(archive).map(({name, bytes}) => [name, bytes]), [["a é.txt", 2], ["src/index.py", long.length]]);
  assert.deepEqual(filesOf(zip([])), []);
});

test("stored and deflated files are read, long ones to their limit", async () => {
  const [text, code] = filesOf(archive);
  assert.ok(text && code);
  assert.equal(textOf(await contentOf(archive, text, 100), false), "ü");
  assert.equal(textOf(await contentOf(archive, code, 1 << 20), false), long);
  assert.equal(textOf(await contentOf(archive, code, 15), true), "print('x')\nprin");
});

test("bytes that are no text are none, a character that is cut is left out", () => {
  assert.equal(textOf(Uint8Array.of(0xff, 0), false), undefined);
  assert.equal(textOf(new TextEncoder().encode("aü").subarray(0, 2), true), "a");
});

test("what is no archive is refused", async () => {
  assert.throws(() => filesOf(new Uint8Array(100)), ZipError);
  assert.throws(() => filesOf(archive.slice(0, 40)), Error);
  const damaged = archive.slice();
  const [file] = filesOf(archive);
  assert.ok(file);
  damaged[file.at] = 0;
  await assert.rejects(contentOf(damaged, file, 10), ZipError);
  await assert.rejects(contentOf(archive, {...file, method: 12}, 10), /method 12/);
});
