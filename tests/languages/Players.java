// exercise: 03
// verdict: PASS
// Right. It reads the answer as a line.

import java.io.*;
import java.net.*;
import java.util.concurrent.atomic.AtomicInteger;

class Players {
    static final AtomicInteger players = new AtomicInteger();

    public static void main(String[] args) throws IOException {
        ServerSocket listener = new ServerSocket(Integer.parseInt(args[0]));
        while (true) {
            Socket client = listener.accept();
            new Thread(() -> play(client)).start();
        }
    }

    static void play(Socket client) {
        try (client) {
            PrintWriter out = new PrintWriter(client.getOutputStream(), true);
            out.println("Do you want to play a game?");
            out.println("You are player " + players.incrementAndGet() + ".");
            System.out.println(new BufferedReader(new InputStreamReader(client.getInputStream())).readLine());
        } catch (IOException error) {
            System.out.println(error);
        }
    }
}
