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
 * list of messages is in the docstring of the other end, `window/wire.py`. Changes gather here and travel as a message's `c`:
 * those to views when the main thread lays out and at the end of its turn, so that nobody sees half a turn; those to
 * pictures with any thread's question about a picture as well. When the socket ends, so does the process: no app outlives
 * its phone.
 */
public final class WindowLink {
    private static WindowLink link;

    private final Socket socket;
    private final OutputStream out;
    private final Map<Integer, BlockingQueue<Map<String, Object>>> waiting = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Object> freed = new ConcurrentLinkedQueue<>();
    private final StringBuilder views = new StringBuilder();
    private final StringBuilder pictures = new StringBuilder();
    private boolean uncommitted;
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
        Network.configure(configuration.get("network"));
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
        queue(views, parts);
    }

    /** Queues one change of a picture, for example ("blank", name, width, height). */
    public synchronized void changePicture(Object... parts) {
        queue(pictures, parts);
    }

    /** Has the changes to views that are queued so far travel before the next change of a picture, which needs them. */
    public synchronized void bringViews() {
        if (views.length() > 0) {
            separate(pictures).append(views);
            views.setLength(0);
        }
    }

    private void queue(StringBuilder changes, Object... parts) {
        Json.write(separate(changes), parts);
        uncommitted = true;
    }

    private static StringBuilder separate(StringBuilder changes) {
        return changes.length() > 0 ? changes.append(',') : changes;
    }

    /** Says that a view (its number) or a picture (its name) is no longer reachable; any thread. */
    public void free(Object key) {
        freed.add(key);
    }

    /** Whether anything changed since the last `commit`, wherever it is by now. */
    public synchronized boolean hasChanges() {
        return uncommitted;
    }

    /** Shows all that changed. */
    public synchronized void commit() {
        uncommitted = false;
        flush(message("commit"));
    }

    /** Sends a message that carries the queued changes. */
    public synchronized void flush(Map<String, Object> message) {
        bringViews();
        Object key;
        while ((key = freed.poll()) != null) {
            Json.write(separate(pictures), new Object[] {"free", key});
        }
        flushPictures(message);
    }

    private synchronized void flushPictures(Map<String, Object> message) {
        StringBuilder text = new StringBuilder();
        Json.write(text, message);
        text.setLength(text.length() - 1);
        text.append(",\"c\":[").append(pictures).append("]}");
        pictures.setLength(0);
        sendText(text.toString());
    }

    /** Sends a message with the queued changes and waits for its answer. */
    public Map<String, Object> ask(Map<String, Object> message) {
        return ask(message, this::flush);
    }

    /** The same for a question about pictures, on any thread: changes to views stay until the main thread's turn ends. */
    public Map<String, Object> askOfPicture(Map<String, Object> message) {
        return ask(message, this::flushPictures);
    }

    private Map<String, Object> ask(Map<String, Object> message, Consumer<Map<String, Object>> way) {
        BlockingQueue<Map<String, Object>> answer = new ArrayBlockingQueue<>(1);
        int number;
        synchronized (this) {
            number = ++lastRequest;
            waiting.put(number, answer);
            message.put("n", number);
            way.accept(message);
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
                } else if ("network".equals(message.get("t"))) {
                    Network.configure(message.get("network"));
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
