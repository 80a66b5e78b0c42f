// exercise: 01
// verdict: PASS
// Right. strings.ToUpper knows no capital for some letters.

package main

import (
	"log"
	"net"
	"os"
	"strings"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	for {
		client, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		talk(client)
	}
}

func talk(client net.Conn) {
	defer client.Close()
	message := make([]byte, 1024)
	for {
		length, err := client.Read(message)
		if err != nil {
			return
		}
		reply := strings.ToUpper(string(message[:length]))
		if _, err := client.Write([]byte(reply)); err != nil {
			return
		}
	}
}
