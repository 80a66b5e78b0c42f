#!/usr/bin/env bash
# The tests, on Linux, with a rule of macOS in force (macos.c). It needs a C compiler. Arguments go to
# `cargo test`: `tests/systems/macos.sh --test kit clients::` runs a part.
set -euo pipefail
cd "$(dirname "$0")/../.."

cargo build --workspace --all-targets
# The path of a library that is loaded first must not have a space in it.
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
cc -O2 -Wall -Wextra -Werror -shared -fPIC -o "$folder/macos.so" tests/systems/macos.c -ldl
LD_PRELOAD=$folder/macos.so cargo test "$@"
