#!/usr/bin/env python3
"""Fails on an #include that points upward: src/LAYERS lists the folders, lowest first."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent / "src"
layers = [line for line in (root / "LAYERS").read_text().split("\n") if line and not line.startswith("#")]
height = {name: i for i, name in enumerate(layers)}
include = re.compile(r'^\s*#include "([a-z0-9_]+)/')

faults = []
for path in sorted(root.rglob("*")):
    if path.suffix not in (".h", ".cpp") or path.parent == root:
        continue
    folder = path.relative_to(root).parts[0]
    if folder not in height:
        faults.append(f"{path.relative_to(root)}: folder {folder} is not in src/LAYERS")
        continue
    for number, line in enumerate(path.read_text().split("\n"), 1):
        found = include.match(line)
        if found and height.get(found.group(1), len(layers)) > height[folder]:
            faults.append(f"{path.relative_to(root)}:{number}: {folder} may not include {found.group(1)}")

print("\n".join(faults) if faults else f"layers: {len(layers)} folders, no upward include")
sys.exit(1 if faults else 0)
