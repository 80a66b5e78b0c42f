#!/usr/bin/env bash
# Ctrl-Z and `fg` end a blocked read with EINTR, in a program that handles no signal, if its socket has a timeout.
#
# From memory: EINTR comes only where a handler has run. SIGSTOP and SIGCONT have none here, so the read goes on.
#
# Seen on Linux 6.18 with Perl 5.36: without SO_RCVTIMEO the read goes on after SIGSTOP and SIGCONT, and gets the byte that is
# sent then. With SO_RCVTIMEO = 30 s it fails at once with "Interrupted system call" (signal(7) says so in its last
# paragraphs). Runtimes that call read again after EINTR hide it; Rust's std hands it on.
#
# Needs: Linux, Perl 5. Fails if both reads do the same.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat > "$folder/reads.pl" <<'PL'
use Socket;
socketpair(my $own, my $other, AF_UNIX, SOCK_STREAM, 0) or die;
setsockopt($own, SOL_SOCKET, SO_RCVTIMEO, pack('l!l!', $ARGV[0], 0)) or die if $ARGV[0];
if (!fork) {
    close $own;
    # The parent stands in read, is stopped, goes on, and is sent a byte.
    my $parent = getppid;
    my $state = sub { open my $stat, '<', "/proc/$parent/stat"; (split ' ', (<$stat> =~ s/.*\) //r))[0] };
    my $until = sub { select undef, undef, undef, 0.01 until $state->() eq $_[0] };
    select undef, undef, undef, 0.2;
    kill STOP => $parent; $until->('T');
    kill CONT => $parent; select undef, undef, undef, 0.2;
    syswrite $other, 'x';
    exit;
}
close $other;
my $length = sysread $own, my $byte, 1;
print defined $length ? "read $length byte\n" : "failed: $!\n";
PL
for timeout in 0 30; do
    timeout 20 perl "$folder/reads.pl" "$timeout" > "$folder/$timeout" || true
    echo "timeout $timeout s: $(cat "$folder/$timeout")"
done
grep -q 'read 1 byte' "$folder/0"
grep -q 'failed: Interrupted' "$folder/30"
