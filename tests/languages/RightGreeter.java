// exercise: 03
// verdict: PASS
// Right: each player has a thread.

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

class RightGreeter {
    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(args[0]);
        try (ServerSocket listener = new ServerSocket(port, 50, InetAddress.getLoopbackAddress())) {
            for (int number = 1; ; number++) {
                Socket player = listener.accept();
                int own = number;
                new Thread(() -> play(player, own)).start();
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
