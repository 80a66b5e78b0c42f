# exercise: 03
# verdict: PASS
# Right: each player has a process.

use strict;
use warnings;
use IO::Socket::INET;

$SIG{CHLD} = 'IGNORE';
my $listener = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1',
    LocalPort => $ARGV[0],
    Listen    => 50,
    ReuseAddr => 1,
) or die "cannot listen: $@";
my $number = 0;
while (1) {
    my $player = $listener->accept or next;
    $number++;
    next if fork;
    syswrite $player, "Do you want to play a game?\nYou are player $number.\n";
    sysread $player, my $answer, 1024;
    exit;
}
