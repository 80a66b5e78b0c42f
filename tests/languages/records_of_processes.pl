# exercise: 07
# verdict: PASS
# Right, with a process for each client and a lock on a file. Where no terminal reads, each process prints in blocks of
# its own, which tear each other's records: nothing can be said about those.

use strict;
use Encode;
use IO::Socket::INET;

$SIG{CHLD} = 'IGNORE';
my $listener = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 50, ReuseAddr => 1
) or die;
while (1) {
    my $client = $listener->accept or next;
    if (!fork) {
        open(my $console, '<', $0) or die;
        my $record = sub {
            flock($console, 2);
            print "child $$:\n";
            die 'a bug in mid-record' if $_[0] =~ /PANIC/;
            print "  $_[0]\n";
            flock($console, 8);
        };
        $record->('has come');
        while (sysread($client, my $message, 1024)) {
            $record->($message);
            my $reply = reverse decode('UTF-8', $message);
            syswrite($client, encode('UTF-8', $reply));
        }
        $record->('has left');
        exit 0;
    }
    close $client;
}
