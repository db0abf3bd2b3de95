// Reads deployment packages: the directory at the end of a zip, and one file at a time.
// Source: PKWARE APPNOTE 6.3.10, 4.3.7 (local header), 4.3.12 (directory), 4.3.16 (its end).
export interface ZipFile {
  name: string;
  bytes: number; // unpacked
  packed: number;
  method: number; // 0 stored, 8 deflated
  at: number; // of its local header
}

const endMark = 0x06054b50, entryMark = 0x02014b50, localMark = 0x04034b50;
const comment_max = 65_535, end_bytes = 22;

export class ZipError extends Error {}

const utf8 = new TextDecoder("utf-8");

function endOf(zip: DataView): number {
  const first = Math.max(0, zip.byteLength - end_bytes - comment_max);
  for (let at = zip.byteLength - end_bytes; at >= first; --at) if (zip.getUint32(at, true) === endMark) return at;
  throw new ZipError("the end of the archive is missing");
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

// The files of an archive by name, without its folders.
export function filesOf(bytes: Uint8Array): ZipFile[] {
  const zip = view(bytes);
  const end = endOf(zip);
  const count = zip.getUint16(end + 10, true);
  let at = zip.getUint32(end + 16, true);
  const files: ZipFile[] = [];
  for (let n = 0; n < count; ++n) {
    if (at + 46 > bytes.length || zip.getUint32(at, true) !== entryMark) throw new ZipError("the directory is cut off");
    const nameBytes = zip.getUint16(at + 28, true);
    const name = utf8.decode(bytes.subarray(at + 46, at + 46 + nameBytes));
    const file = {name, method: zip.getUint16(at + 10, true), packed: zip.getUint32(at + 20, true), bytes: zip.getUint32(at + 24, true), at: zip.getUint32(at + 42, true)};
    if (!name.endsWith("/")) files.push(file);
    at += 46 + nameBytes + zip.getUint16(at + 30, true) + zip.getUint16(at + 32, true);
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

// What a file holds, at most `bytes_max` of it.
export async function contentOf(bytes: Uint8Array, file: ZipFile, bytes_max: number): Promise<Uint8Array> {
  const zip = view(bytes);
  if (file.at + 30 > bytes.length || zip.getUint32(file.at, true) !== localMark) throw new ZipError(`${file.name} is not where it should be`);
  const begin = file.at + 30 + zip.getUint16(file.at + 26, true) + zip.getUint16(file.at + 28, true);
  const packed = bytes.subarray(begin, begin + file.packed);
  if (file.method === 0) return packed.subarray(0, bytes_max);
  if (file.method !== 8) throw new ZipError(`${file.name} is packed by method ${file.method}`);
  return inflated(packed, bytes_max);
}

async function inflated(packed: Uint8Array, bytes_max: number): Promise<Uint8Array> {
  const reader = new Blob([packed.slice().buffer]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const pieces: Uint8Array[] = [];
  let size = 0;
  while (size < bytes_max) {
    const {done, value} = await reader.read();
    if (done) break;
    pieces.push(value);
    size += value.length;
  }
  await reader.cancel();
  const out = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out.subarray(0, bytes_max);
}

// The text of a file; undefined for bytes that are none.
export function textOf(bytes: Uint8Array, isCut: boolean): string | undefined {
  try {
    return new TextDecoder("utf-8", {fatal: true}).decode(bytes, {stream: isCut}); // a cut may lie inside a character
  } catch {
    return undefined;
  }
}
