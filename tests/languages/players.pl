# exercise: 03
# verdict: PASS
# Right. A process for each client, which reads the answer as a line.

use strict;
use warnings;
use IO::Socket::INET;

$SIG{CHLD} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 5) or die;
my $number = 0;
while (1) {
    my $client = $listener->accept or next;
    $number++;
    if (fork == 0) {
        print $client "Do you want to play a game?\nYou are player $number.\n";
        $client->flush;
        print scalar(<$client>) // "it has left\n";
        exit;
    }
    close $client;
}
