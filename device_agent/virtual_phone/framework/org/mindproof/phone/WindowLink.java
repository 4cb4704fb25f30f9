package org.mindproof.phone;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * This process's end of the link to the window server.
 *
 * <p>Messages are JSON objects, UTF-8, each after its length as four bytes, big-endian. The field `t` names the message; the
 * list of messages is in the docstring of the other end, `window/wire.py`. Changes to views gather here and travel with the
 * next message that carries changes (`c`). When the socket ends, so does the process: no app outlives its phone.
 */
public final class WindowLink {
    private static WindowLink link;

    private final Socket socket;
    private final OutputStream out;
    private final Map<Integer, BlockingQueue<Map<String, Object>>> waiting = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Object> freed = new ConcurrentLinkedQueue<>();
    private StringBuilder changes = new StringBuilder();
    private int lastRequest;

    private WindowLink(Socket socket) throws IOException {
        this.socket = socket;
        this.out = socket.getOutputStream();
    }

    /** Connects as the environment says (MINDPROOF_PORT, MINDPROOF_TOKEN); returns the phone's configuration. */
    public static Map<String, Object> connect(String packageName, Consumer<Map<String, Object>> events) throws IOException {
        int port = Integer.parseInt(System.getenv("MINDPROOF_PORT"));
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        link = new WindowLink(socket);
        link.send(message("hello", "token", System.getenv("MINDPROOF_TOKEN"), "package", packageName, "pid",
                ProcessHandle.current().pid()));
        DataInputStream in = new DataInputStream(socket.getInputStream());
        Map<String, Object> configuration = receive(in);
        Thread reader = new Thread(() -> link.read(in, events), "window-link");
        reader.setDaemon(true);
        reader.start();
        return configuration;
    }

    public static WindowLink get() {
        return link;
    }

    public static boolean isConnected() {
        return link != null;
    }

    public static Map<String, Object> message(String type, Object... fields) {
        Map<String, Object> map = new HashMap<>();
        map.put("t", type);
        for (int i = 0; i < fields.length; i += 2) {
            map.put((String) fields[i], fields[i + 1]);
        }
        return map;
    }

    /** Queues one change of the view tree, for example ("set", id, "text", "Hello"). */
    public synchronized void change(Object... parts) {
        if (changes.length() > 0) {
            changes.append(',');
        }
        Json.write(changes, parts);
    }

    /** Says that a view (its number) or a picture (its name) is no longer reachable; any thread. */
    public void free(Object key) {
        freed.add(key);
    }

    public synchronized boolean hasChanges() {
        return changes.length() > 0;
    }

    /** Sends a message that carries the queued changes. */
    public synchronized void flush(Map<String, Object> message) {
        Object key;
        while ((key = freed.poll()) != null) {
            change("free", key);
        }
        StringBuilder text = new StringBuilder();
        Json.write(text, message);
        text.setLength(text.length() - 1);
        text.append(",\"c\":[").append(changes).append("]}");
        changes = new StringBuilder();
        sendText(text.toString());
    }

    /** Sends a message with the queued changes and waits for its answer. */
    public Map<String, Object> ask(Map<String, Object> message) {
        BlockingQueue<Map<String, Object>> answer = new ArrayBlockingQueue<>(1);
        int number;
        synchronized (this) {
            number = ++lastRequest;
            waiting.put(number, answer);
            message.put("n", number);
            flush(message);
        }
        try {
            return answer.take();
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException("interrupted while waiting for the window server", interrupted);
        } finally {
            waiting.remove(number);
        }
    }

    public void send(Map<String, Object> message) {
        StringBuilder text = new StringBuilder();
        Json.write(text, message);
        sendText(text.toString());
    }

    private synchronized void sendText(String text) {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        byte[] packet = new byte[body.length + 4];
        packet[0] = (byte) (body.length >> 24);
        packet[1] = (byte) (body.length >> 16);
        packet[2] = (byte) (body.length >> 8);
        packet[3] = (byte) body.length;
        System.arraycopy(body, 0, packet, 4, body.length);
        try {
            out.write(packet);
        } catch (IOException gone) {
            Ending.now(0);
        }
    }

    private void read(DataInputStream in, Consumer<Map<String, Object>> events) {
        try {
            while (true) {
                Map<String, Object> message = receive(in);
                if ("reply".equals(message.get("t"))) {
                    BlockingQueue<Map<String, Object>> answer = waiting.get(Json.integer(message.get("n")));
                    if (answer != null) {
                        answer.add(message);
                    }
                } else if ("debugger".equals(message.get("t"))) {
                    Tracer.set((Boolean) message.get("connected"));
                } else {
                    events.accept(message);
                }
            }
        } catch (EOFException ended) {
            Ending.now(0);
        } catch (IOException broken) {
            Ending.now(1);
        }
    }

    private static Map<String, Object> receive(DataInputStream in) throws IOException {
        byte[] body = new byte[in.readInt()];
        in.readFully(body);
        return Json.object(Json.parse(new String(body, StandardCharsets.UTF_8)));
    }
}
