#!/usr/bin/env bash
# A program in OCaml that has started one thread wakes up twenty times a second, although all its threads are blocked.
#
# From memory: a thread that waits in a blocking read, with the runtime's lock released, costs nothing until a byte comes.
#
# Seen with OCaml 4.13.1 (systhreads) on Linux 6.18: Thread.create starts a second thread of the runtime's own, the tick. It
# has the program's name, stands in select with no descriptors and a timeout of 50 ms, and wakes up at its end for ever:
# about 100 times in five seconds, while main stands in join and the other thread in read. From outside it looks like a
# thread of the program's that polls something.
#
# Needs: Linux on x86-64, apt-get with Debian 12's packages, gcc. Fails if there is no such thread, or it rests.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "${program:-}" 2>/dev/null || true; rm -rf "$folder"' EXIT

cd "$folder"
apt-get download -qq ocaml=4.13.1-4 ocaml-base=4.13.1-4 2> log
for package in *.deb; do dpkg -x "$package" system; done
library=$folder/system/usr/lib/ocaml
ocaml=$folder/system/usr/bin
cat > waits.ml <<'ML'
let () =
  let thread = Thread.create (fun () -> ignore (Unix.read Unix.stdin (Bytes.create 1) 0 1)) () in
  print_endline "ready";
  Thread.join thread
ML
OCAMLLIB=$library "$ocaml/ocamlopt" -I +threads unix.cmxa threads.cmxa waits.ml -o waits

mkfifo input
./waits < input > output &
program=$!
exec 9> input
for _ in $(seq 200); do grep -q ready output && break; sleep 0.05; done
waits() { cat /proc/"$program"/task/*/status | sed -n 's/^voluntary_ctxt_switches:\t//p' | paste -sd+ | bc; }
before=$(waits)
sleep 5
woken=$(($(waits) - before))
echo "OCaml $("$ocaml/ocamlopt" -version): $(ls /proc/"$program"/task | wc -l) threads, woke up $woken times in 5 s"
cut -d' ' -f1-6 /proc/"$program"/task/*/syscall
[ "$woken" -ge 50 ]
