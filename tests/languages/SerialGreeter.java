// exercise: 03
// verdict: SERIAL, proved
// says: was serving the other client itself
// Serves each player in the loop that accepts.

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

class SerialGreeter {
    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(args[0]);
        try (ServerSocket listener = new ServerSocket(port, 50, InetAddress.getLoopbackAddress())) {
            for (int number = 1; ; number++) {
                play(listener.accept(), number);
            }
        }
    }

    static void play(Socket player, int number) {
        try (player) {
            String greeting = "Do you want to play a game?\nYou are player " + number + ".\n";
            player.getOutputStream().write(greeting.getBytes());
            int first = player.getInputStream().read();
            System.out.println("player " + number + (first < 0 ? " has left" : " has answered"));
        } catch (IOException lost) {
            System.out.println("player " + number + " was lost: " + lost.getMessage());
        }
    }
}
