#!/usr/bin/env bash
# The test of how lab 08 stops, on Linux, with a rule of Windows in force (windows.c): nothing wakes a `read`.
# It needs a C compiler.
set -euo pipefail
cd "$(dirname "$0")/../.."

cargo build --workspace --all-targets
# The path of a library that is loaded first must not have a space in it.
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cc -O2 -Wall -Wextra -Werror -shared -fPIC -o "$folder/windows.so" tests/systems/windows.c -ldl
LD_PRELOAD=$folder/windows.so cargo test --test kit without_a_wake -- --ignored
