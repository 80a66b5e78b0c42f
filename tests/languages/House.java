// exercise: 08
// verdict: PASS
// Right: the last line of its shutdown hook makes the exit status 0.

import java.io.*;
import java.net.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;

class House {
    static final Map<Thread, Socket> inside = new ConcurrentHashMap<>();
    static volatile boolean stopping;
    /** Whether it ends the JVM itself, with status 0. HouseEndsWith130 does not. */
    static boolean halts = true;

    public static void main(String[] args) throws IOException {
        int most = Integer.parseInt(args[Arrays.asList(args).indexOf("--max") + 1]);
        ServerSocket server =
                new ServerSocket(Integer.parseInt(args[0]), 50, InetAddress.getByName("127.0.0.1"));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
        while (!stopping) {
            try {
                Socket client = server.accept();
                if (inside.size() >= most) {
                    tell(client, "Server full, try again later.\n");
                    client.close();
                    continue;
                }
                Thread talk = new Thread(() -> talk(client));
                inside.put(talk, client);
                talk.start();
            } catch (IOException ended) {
                System.out.println("accept: " + ended.getMessage());
            }
        }
    }

    static void stop(ServerSocket server) {
        stopping = true;
        try {
            server.close();
            for (Map.Entry<Thread, Socket> talk : inside.entrySet()) {
                talk.getValue().shutdownInput();
                talk.getKey().join();
            }
        } catch (IOException | InterruptedException late) {
            System.out.println(late.getMessage());
        }
        System.out.println("server stopped");
        if (halts) Runtime.getRuntime().halt(0);
    }

    static void tell(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    static void talk(Socket client) {
        try (client) {
            byte[] buffer = new byte[5120];
            int length;
            while (!stopping && (length = client.getInputStream().read(buffer)) > 0) {
                String message = new String(buffer, 0, length, StandardCharsets.UTF_8);
                if (message.stripTrailing().equals("--quit--")) return;
                if (message.contains("PANIC")) throw new IllegalStateException("a bug in mid-talk");
                tell(client, "-");
            }
        } catch (IOException lost) {
            System.out.println("lost: " + lost.getMessage());
        } finally {
            inside.remove(Thread.currentThread());
        }
    }
}
