// A ZIP file of small files, stored as they are. Source: PKWARE's APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.16 and 4.4.

export interface ZipEntry {
  path: string; // "folder/file": folders need no entry
  text: string;
  mode: number; // of Unix: 0o600
}

const table = Uint32Array.from({length: 256}, (_, n) => {
  let crc = n;
  for (let bit = 0; bit < 8; ++bit) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc >>> 0;
});

export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] as number);
  return (crc ^ 0xffffffff) >>> 0;
}

// Fields of two and four bytes, least first.
class Writer {
  private readonly parts: Uint8Array[] = [];
  size = 0;

  bytes(part: Uint8Array): this {
    this.parts.push(part);
    this.size += part.length;
    return this;
  }
  numbers(width: 2 | 4, ...values: number[]): this {
    const part = new Uint8Array(width * values.length);
    const view = new DataView(part.buffer);
    values.forEach((value, index) => (width === 2 ? view.setUint16(index * 2, value, true) : view.setUint32(index * 4, value, true)));
    return this.bytes(part);
  }
  whole(): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(this.size);
    let at = 0;
    for (const part of this.parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }
}

const version = 20; // needed to extract: 2.0
const madeOnUnix = (3 << 8) | version; // so the modes count
const namesAreUtf8 = 1 << 11;
const stored = 0;
const regularFile = 0o100000;

// MS-DOS time and date, on this machine's clock, in steps of two seconds from 1980 on.
function dosTime(time: Date): [time: number, date: number] {
  const year = Math.max(1980, time.getFullYear());
  return [
    (time.getHours() << 11) | (time.getMinutes() << 5) | (time.getSeconds() >> 1),
    ((year - 1980) << 9) | ((time.getMonth() + 1) << 5) | time.getDate(),
  ];
}

export function zip(entries: readonly ZipEntry[], time: Date): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const out = new Writer();
  const directory = new Writer();
  for (const {path, text, mode} of entries) {
    const name = encoder.encode(path);
    const bytes = encoder.encode(text);
    const [clock, date] = dosTime(time);
    const at = out.size;
    const common = new Writer()
      .numbers(2, version, namesAreUtf8, stored, clock, date)
      .numbers(4, crc32(bytes), bytes.length, bytes.length)
      .numbers(2, name.length, 0)
      .whole();
    out.numbers(4, 0x04034b50).bytes(common).bytes(name).bytes(bytes);
    directory.numbers(4, 0x02014b50).numbers(2, madeOnUnix).bytes(common).numbers(2, 0, 0, 0);
    directory.numbers(4, ((regularFile | mode) << 16) >>> 0, at).bytes(name);
  }
  const begin = out.size;
  out.bytes(directory.whole());
  return out.numbers(4, 0x06054b50).numbers(2, 0, 0, entries.length, entries.length).numbers(4, directory.size, begin).numbers(2, 0).whole();
}
