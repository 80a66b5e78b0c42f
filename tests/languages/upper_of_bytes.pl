# exercise: 01
# verdict: PASS
# Right, as toupper in C: bytes beyond ASCII stay as they are.

use IO::Socket::INET;
$SIG{PIPE} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 5) or die;
while (1) {
    my $client = $listener->accept or next;
    while (sysread($client, my $message, 1024)) {
        $message =~ tr/a-z/A-Z/;
        syswrite($client, $message);
    }
    close $client;
}
