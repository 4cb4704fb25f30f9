package org.mindproof.chat;

import android.os.Handler;
import android.os.Looper;
import android.util.Log;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.mindproof.phone.Json;
import org.mindproof.phone.Network;

/** Hears of new messages over a WebSocket while it can; without it, answers come with what was sent. On the main thread. */
final class Live implements WebSocket.Listener {
    private static final String HOST = "live.mindproof.test";
    private static final Handler MAIN = new Handler(Looper.getMainLooper());
    private static Live current;
    private final StringBuilder text = new StringBuilder();
    /** Not to be collected while its WebSocket is open. */
    private HttpClient client;

    private Live() {}

    /** Listens, unless that is so already or there is no server. */
    static void listen() {
        if (current == null && Network.isOnline()) {
            current = new Live();
            Thread connecting = new Thread(current::connect, "live");
            connecting.setDaemon(true);
            connecting.start();
        }
    }

    private void connect() {
        try {
            Proxy proxy = Network.proxy();
            client = HttpClient.newBuilder().sslContext(Network.tls()).connectTimeout(Duration.ofSeconds(5))
                    .proxy(proxy == Proxy.NO_PROXY ? HttpClient.Builder.NO_PROXY
                            : ProxySelector.of((InetSocketAddress) proxy.address()))
                    .build();
            URI uri = URI.create("wss://" + HOST + ":" + Network.port(HOST) + "/events");
            client.newWebSocketBuilder().buildAsync(uri, this).exceptionally(failure -> {
                end(failure);
                return null;
            });
        } catch (IOException failure) {
            end(failure);
        }
    }

    private void end(Throwable failure) {
        Log.w("Live", HOST + ": " + failure);
        MAIN.post(() -> current = null);
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            hear(text.toString());
            text.setLength(0);
        }
        socket.request(1);
        return null;
    }

    private static void hear(String event) {
        try {
            Map<String, Object> fields = Json.object(Json.parse(event));
            int number = Json.integer(fields.get("conversation"));
            Message message = Message.read(fields.get("message"));
            MAIN.post(() -> Chat.hear(number, message));
        } catch (RuntimeException broken) { // an event of the wrong shape
            Log.w("Live", HOST + " sent something that cannot be read: " + broken);
        }
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
        MAIN.post(() -> current = null);
        return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable failure) {
        end(failure);
    }
}
