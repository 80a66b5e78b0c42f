#!/usr/bin/env bash
# Clippy, with warnings as errors, for every system that the README names: it needs no linker for them.
# It adds the standard libraries of these targets to the toolchain (`rustup target add`).
set -euo pipefail
cd "$(dirname "$0")/../.."

targets=(aarch64-apple-darwin x86_64-pc-windows-msvc x86_64-pc-windows-gnu x86_64-unknown-linux-gnu
    x86_64-unknown-linux-musl)
rustup target add "${targets[@]}"
for target in "${targets[@]}"; do
    echo "== $target"
    cargo clippy --locked --workspace --all-targets --target "$target" -- -D warnings
done
