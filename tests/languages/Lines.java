// exercise: 05
// verdict: PASS
// Right. It counts characters, not bytes, and bytes that are not UTF-8 become characters.

import java.io.*;
import java.net.*;

class Lines {
    public static void main(String[] args) throws IOException {
        ServerSocket listener = new ServerSocket(Integer.parseInt(args[0]));
        while (true) {
            Socket client = listener.accept();
            new Thread(() -> serve(client)).start();
        }
    }

    static void serve(Socket client) {
        try (client) {
            Reader in = new BufferedReader(new InputStreamReader(client.getInputStream(), "UTF-8"));
            StringBuilder line = new StringBuilder();
            int next;
            while ((next = in.read()) >= 0 && line.length() < 5120) {
                if (next != '\n') {
                    line.append((char) next);
                    continue;
                }
                if (line.toString().stripTrailing().equals("--quit--")) {
                    return;
                }
                client.getOutputStream().write('-');
                line.setLength(0);
            }
        } catch (IOException error) {
            System.out.println(error);
        }
    }
}
