// exercise: 03
// verdict: PASS
// Right: each player has a goroutine.

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
		go play(player, number)
	}
}

func play(player net.Conn, number int) {
	defer player.Close()
	fmt.Fprintf(player, "Do you want to play a game?\nYou are player %d.\n", number)
	answer := make([]byte, 1024)
	length, _ := player.Read(answer)
	fmt.Printf("player %d says %q\n", number, answer[:length])
}
