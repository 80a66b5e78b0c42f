<?php
// exercise: 03
// verdict: SERIAL, proved
// Serves each player in the loop that accepts.

$listener = stream_socket_server("tcp://127.0.0.1:$argv[1]");
for ($number = 1; ; $number++) {
    $player = stream_socket_accept($listener, -1);
    fwrite($player, "Do you want to play a game?\nYou are player $number.\n");
    fread($player, 1024);
    fclose($player);
}
