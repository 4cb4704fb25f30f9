package org.mindproof.phone;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import javax.net.ssl.SSLSocketFactory;

/** Makes sockets that reach the phone's servers, and puts TLS over them by the trust that holds at that moment. */
final class RoutedSocketFactory extends SSLSocketFactory {
    /** A plain socket, over which {@link #createSocket(Socket, String, int, boolean)} puts TLS once it is connected. */
    @Override
    public Socket createSocket() {
        return new Socket() {
            @Override
            public void connect(SocketAddress endpoint, int timeout) throws IOException {
                super.connect(Network.route(endpoint), timeout);
            }
        };
    }

    @Override
    public Socket createSocket(Socket s, String host, int port, boolean autoClose) throws IOException {
        return sockets().createSocket(s, host, port, autoClose);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return sockets().createSocket(host, port);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
        return sockets().createSocket(host, port, local, localPort);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return sockets().createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
        return sockets().createSocket(host, port, local, localPort);
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return unchecked().getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return unchecked().getSupportedCipherSuites();
    }

    private static SSLSocketFactory sockets() throws IOException {
        return Network.tls().getSocketFactory();
    }

    private static SSLSocketFactory unchecked() {
        return (SSLSocketFactory) SSLSocketFactory.getDefault();
    }
}
