// exercise: 07
// verdict: LOCK_HELD
// Writes the reply while it holds the lock of the console. No thread of a JVM stands still for long.

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

class ReverseWrittenLocked {
    static void serve(Socket client) {
        String name = Thread.currentThread().getName();
        try (client) {
            byte[] buffer = new byte[1024];
            int length;
            while ((length = client.getInputStream().read(buffer)) > 0) {
                String text = new String(buffer, 0, length, StandardCharsets.UTF_8);
                String reply = new StringBuilder(text).reverse().toString();
                synchronized (ReverseWrittenLocked.class) {
                    System.out.println(name + ":");
                    if (text.contains("PANIC")) throw new IllegalStateException("a bug in mid-record");
                    System.out.println("  " + text);
                    client.getOutputStream().write(reply.getBytes(StandardCharsets.UTF_8));
                }
            }
        } catch (IOException lost) {
            System.out.println("lost: " + lost.getMessage());
        }
    }

    public static void main(String[] args) throws IOException {
        ServerSocket listener =
                new ServerSocket(Integer.parseInt(args[0]), 50, InetAddress.getByName("127.0.0.1"));
        while (true) {
            Socket client = listener.accept();
            new Thread(() -> serve(client)).start();
        }
    }
}
