// exercise: 07
// verdict: LOCK_HELD, proved
// says: for a client that does not read
// Writes the reply while it holds the lock. No thread of a Go program stands in `write`.

package main

import (
	"fmt"
	"log"
	"net"
	"os"
	"strings"
	"sync"
)

var console sync.Mutex

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	for number := 1; ; number++ {
		client, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serve(client, number)
	}
}

func serve(client net.Conn, number int) {
	defer client.Close()
	defer func() {
		if failure := recover(); failure != nil {
			log.Println("panic:", failure)
		}
	}()
	message := make([]byte, 1024)
	for {
		length, err := client.Read(message)
		if err != nil {
			return
		}
		answer(client, number, string(message[:length]))
	}
}

func answer(client net.Conn, number int, message string) {
	console.Lock()
	defer console.Unlock()
	fmt.Printf("handler %d:\n", number)
	if strings.Contains(message, "PANIC") {
		panic("a bug in mid-record")
	}
	fmt.Printf("  %q goes back to front\n", message)
	letters := []rune(message)
	for left, right := 0, len(letters)-1; left < right; left, right = left+1, right-1 {
		letters[left], letters[right] = letters[right], letters[left]
	}
	fmt.Fprint(client, string(letters))
}
