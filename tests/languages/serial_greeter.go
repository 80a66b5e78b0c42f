// exercise: 03
// verdict: SERIAL, proved
// Serves each player in the loop that accepts.

package main

import (
	"fmt"
	"log"
	"net"
	"os"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	for number := 1; ; number++ {
		player, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		play(player, number)
	}
}

func play(player net.Conn, number int) {
	defer player.Close()
	fmt.Fprintf(player, "Do you want to play a game?\nYou are player %d.\n", number)
	answer := make([]byte, 1024)
	length, _ := player.Read(answer)
	fmt.Printf("player %d says %q\n", number, answer[:length])
}
