#!/bin/sh
# Compiles the locks with hashes and without any index address (needs `uv`; see docs/decisions).
set -eu
cd "$(dirname "$0")"
lock() { uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 -q -o "$1" "$2" ${3:-}; }
lock run.txt run.in optional.in
lock dev.txt dev.in
lock fuzz.txt fuzz.in
