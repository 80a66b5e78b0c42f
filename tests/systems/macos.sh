#!/usr/bin/env bash
# The tests, on Linux, with a rule of macOS in force (macos.c). It needs a C compiler. Arguments go to
# `cargo test`: `tests/systems/macos.sh --test kit clients::` runs a part.
set -euo pipefail
cd "$(dirname "$0")/../.."

cargo build --workspace --all-targets
cc -O2 -Wall -Wextra -Werror -shared -fPIC -o target/macos.so tests/systems/macos.c -ldl
LD_PRELOAD=$PWD/target/macos.so cargo test "$@"
