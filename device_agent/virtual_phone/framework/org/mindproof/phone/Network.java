package org.mindproof.phone;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.SocketAddress;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;

/**
 * The phone's network as this app sees it: its proxy, the way to its servers, and whom the app trusts.
 *
 * <p>The window server describes it when the app starts and again when the phone's settings change. Each new connection goes
 * by what holds then.
 */
public final class Network {
    private static final int HTTPS = 443;
    private static volatile Network now = new Network(Proxy.NO_PROXY, Set.of(), 0, null);

    private final Proxy proxy;
    private final Set<String> hosts;
    private final int port;
    private final Trust trust;

    private Network(Proxy proxy, Set<String> hosts, int port, Trust trust) {
        this.proxy = proxy;
        this.hosts = hosts;
        this.port = port;
        this.trust = trust;
    }

    /** Takes a description: `hosts` and the `port` they are at, the `proxy`, and what {@link Trust#of} takes. */
    static void configure(Object description) {
        if (description == null) {
            return;
        }
        Map<String, Object> fields = Json.object(description);
        boolean first = !isOnline();
        now = new Network(proxy((String) fields.get("proxy")), Set.copyOf(Json.strings(fields.get("hosts"))),
                Json.integer(fields.get("port")), Trust.of(fields));
        if (first) {
            HttpsURLConnection.setDefaultSSLSocketFactory(new RoutedSocketFactory());
            HttpURLConnection.setFollowRedirects(false);
        }
    }

    /** Whether there are servers that apps have their content from; without, they make it up. */
    public static boolean isOnline() {
        return now.port != 0;
    }

    /**
     * The way to the servers, for {@link java.net.URL#openConnection(Proxy)}: asked for by each connection, because a
     * {@link java.net.ProxySelector} of Java's connects without the proxy when that is gone, which no phone does.
     */
    public static Proxy proxy() {
        return now.proxy;
    }

    /** Where a connection to `wanted` really goes: the hosts of the content are all at one port of this machine. */
    static SocketAddress route(SocketAddress wanted) {
        Network network = now;
        if (wanted instanceof InetSocketAddress address && address.getPort() == HTTPS
                && network.hosts.contains(address.getHostString())) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), network.port);
        }
        return wanted;
    }

    /**
     * The port to name for a connection that cannot be led where it belongs: by the proxy the usual one, otherwise the one that
     * the host is really at.
     */
    public static int port(String host) {
        Network network = now;
        return network.proxy == Proxy.NO_PROXY && network.hosts.contains(host) ? network.port : HTTPS;
    }

    /** TLS by the trust that holds now. */
    public static SSLContext tls() throws IOException {
        return now.trust.context();
    }

    /** HOST:PORT; anything else, such as `:0`, is no proxy. */
    private static Proxy proxy(String setting) {
        int colon = setting.lastIndexOf(':');
        if (colon <= 0 || !setting.substring(colon + 1).matches("[0-9]{1,5}")) {
            return Proxy.NO_PROXY;
        }
        int port = Integer.parseInt(setting.substring(colon + 1));
        if (port == 0 || port > 0xFFFF) {
            return Proxy.NO_PROXY;
        }
        return new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(setting.substring(0, colon), port));
    }
}
