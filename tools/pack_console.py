#!/usr/bin/env python3
"""pack_console.py WEB TABLE BYTES: packs the files of WEB/dist, or WEB/placeholder.html when there are none, for croft.

BYTES has the files compressed by gzip, one behind the other; TABLE a line for each: path, type, begin, length, hash of the
content, and "immutable" for those whose names change with their content. src/console/assets.h reads both.
"""
import gzip
import hashlib
import pathlib
import sys

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}


def files_of(web):
    """Path on the page and content of each file."""
    dist = web / "dist"
    if not (dist / "index.html").exists():
        return [("index.html", (web / "placeholder.html").read_bytes())]
    return [(str(file.relative_to(dist)), file.read_bytes()) for file in sorted(dist.rglob("*")) if file.is_file()]


def main():
    web, table_file, bytes_file = map(pathlib.Path, sys.argv[1:])
    table, packed = "", b""
    for path, content in files_of(web):
        compressed = gzip.compress(content, 9, mtime=0)
        digest = hashlib.sha256(content).hexdigest()[:16]
        life = "immutable" if path.startswith("assets/") else "page"
        kind = TYPES[pathlib.PurePath(path).suffix]
        table += f"{path}\t{kind}\t{len(packed)}\t{len(compressed)}\t{digest}\t{life}\n"
        packed += compressed
    table_file.write_text(table)
    bytes_file.write_bytes(packed)


main()
