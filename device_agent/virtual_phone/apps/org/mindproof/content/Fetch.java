package org.mindproof.content;

import android.os.Handler;
import android.os.Looper;
import android.util.Log;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLException;
import org.mindproof.phone.Json;
import org.mindproof.phone.Network;

/** Talks to the apps' servers in the background; what comes of it comes on the main thread. */
public final class Fetch {
    private static final int CONNECT_MS = 5_000;
    private static final int READ_MS = 15_000;
    private static final int LARGEST = 8 << 20;
    private static final int THREADS = 4;
    private static final Handler MAIN = new Handler(Looper.getMainLooper());
    private static final ExecutorService POOL = Executors.newFixedThreadPool(THREADS, run -> {
        Thread thread = new Thread(run, "fetch");
        thread.setDaemon(true);
        return thread;
    });

    private Fetch() {}

    /** Gets `url`, has `parse` read the body in the background, and gives the result to `done`, or the reason to `failed`. */
    public static <T> void get(String url, Function<byte[], T> parse, Consumer<T> done, Consumer<String> failed) {
        POOL.execute(() -> exchange(url, null, parse, done, failed));
    }

    /** Posts JSON to `url`; otherwise as {@link #get}. */
    public static <T> void post(String url, Object value, Function<byte[], T> parse, Consumer<T> done,
            Consumer<String> failed) {
        StringBuilder text = new StringBuilder();
        Json.write(text, value);
        POOL.execute(() -> exchange(url, text.toString().getBytes(StandardCharsets.UTF_8), parse, done, failed));
    }

    /** The JSON value in a body. */
    public static Object json(byte[] body) {
        return Json.parse(new String(body, StandardCharsets.UTF_8));
    }

    private static <T> void exchange(String url, byte[] sent, Function<byte[], T> parse, Consumer<T> done,
            Consumer<String> failed) {
        T result;
        try {
            result = parse.apply(exchange(url, sent));
        } catch (IOException | RuntimeException broken) { // parsing fails in many ways when a body is not what it should be
            Log.w("Fetch", url + ": " + broken);
            String why = explain(host(url), broken);
            MAIN.post(() -> failed.accept(why));
            return;
        }
        MAIN.post(() -> done.accept(result));
    }

    private static byte[] exchange(String url, byte[] sent) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) new URL(url).openConnection(Network.proxy());
        connection.setConnectTimeout(CONNECT_MS);
        connection.setReadTimeout(READ_MS);
        connection.setRequestProperty("Accept-Encoding", "gzip");
        if (sent != null) {
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/json; charset=utf-8");
            connection.getOutputStream().write(sent);
        }
        if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
            throw new RefusedException(connection.getResponseCode());
        }
        boolean packed = "gzip".equalsIgnoreCase(connection.getContentEncoding());
        try (InputStream raw = connection.getInputStream(); InputStream in = packed ? new GZIPInputStream(raw) : raw) {
            byte[] body = in.readNBytes(LARGEST + 1);
            if (body.length > LARGEST) {
                throw new IOException("the answer is longer than " + LARGEST + " bytes");
            }
            return body;
        }
    }

    private static String host(String url) {
        return java.net.URI.create(url).getHost();
    }

    private static String explain(String host, Exception broken) {
        if (broken instanceof SSLException) {
            return "No secure connection to " + host + ". Its certificate is not trusted.";
        }
        if (broken instanceof RefusedException refused) {
            return host + " cannot answer now (" + refused.status + ").";
        }
        return broken instanceof IOException ? "Cannot reach " + host + ". Check the connection."
                : host + " sent something that cannot be shown.";
    }

    private static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1;
        private final int status;

        RefusedException(int status) {
            super("HTTP status " + status);
            this.status = status;
        }
    }
}
