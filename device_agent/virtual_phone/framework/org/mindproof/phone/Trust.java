package org.mindproof.phone;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Whom an app trusts, as its network security configuration says on Android: the authorities in certain folders of the phone,
 * and for some hosts only certain public keys. The folders are read anew for each connection.
 */
final class Trust {
    private final List<String> stores;
    private final Map<String, Object> pins;
    private SSLContext context;
    private long state;

    private Trust(List<String> stores, Map<String, Object> pins) {
        this.stores = stores;
        this.pins = pins;
    }

    /** Takes `stores`, folders of certificates, and `pins`, lists of SHA-256 of public keys in base64 by host. */
    static Trust of(Map<String, Object> fields) {
        return new Trust(Json.strings(fields.get("stores")), Json.object(fields.get("pins")));
    }

    /** TLS that trusts what the folders hold now. */
    synchronized SSLContext context() throws IOException {
        long seen = fingerprint();
        if (context == null || seen != state) {
            try {
                SSLContext made = SSLContext.getInstance("TLS");
                made.init(null, new TrustManager[] {new Pinned(authorities(), pins)}, null);
                context = made;
                state = seen;
            } catch (GeneralSecurityException broken) {
                throw new IOException("the certificate stores cannot be used: " + broken.getMessage(), broken);
            }
        }
        return context;
    }

    private List<File> certificates() {
        return stores.stream().map(folder -> new File(folder).listFiles()).filter(files -> files != null)
                .flatMap(Arrays::stream).sorted().toList();
    }

    private long fingerprint() {
        return certificates().stream().mapToLong(file -> file.hashCode() * 31L + file.lastModified() * 17 + file.length())
                .reduce(1, (a, b) -> a * 1_000_003 + b);
    }

    private X509ExtendedTrustManager authorities() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        for (File file : certificates()) {
            try (InputStream in = new FileInputStream(file)) {
                store.setCertificateEntry(file.getPath(), factory.generateCertificate(in));
            } catch (CertificateException | IOException broken) {
                android.util.Log.w("NetworkSecurityConfig", "Failed to read certificate from " + file + ": " + broken);
            }
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
        managers.init(store);
        return (X509ExtendedTrustManager) managers.getTrustManagers()[0];
    }

    /** Checks the chain, and then that a pinned host shows one of its keys. */
    private static final class Pinned extends X509ExtendedTrustManager {
        private final X509ExtendedTrustManager authorities;
        private final Map<String, Object> pins;

        Pinned(X509ExtendedTrustManager authorities, Map<String, Object> pins) {
            this.authorities = authorities;
            this.pins = pins;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, java.net.Socket socket)
                throws CertificateException {
            authorities.checkServerTrusted(chain, authType, socket);
            check(chain, ((SSLSocket) socket).getHandshakeSession().getPeerHost());
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            authorities.checkServerTrusted(chain, authType, engine);
            check(chain, engine.getPeerHost());
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            if (!pins.isEmpty()) {
                throw new CertificateException("a host is needed to check its pins");
            }
            authorities.checkServerTrusted(chain, authType);
        }

        private void check(X509Certificate[] chain, String host) throws CertificateException {
            Object wanted = pins.get(host);
            if (wanted == null) {
                return;
            }
            Set<String> keys = Set.copyOf(Json.strings(wanted));
            for (X509Certificate certificate : chain) {
                if (keys.contains(pin(certificate))) {
                    return;
                }
            }
            throw new CertificateException("Pin verification failed for " + host);
        }

        private static String pin(X509Certificate certificate) throws CertificateException {
            try {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                return Base64.getEncoder().encodeToString(digest.digest(certificate.getPublicKey().getEncoded()));
            } catch (GeneralSecurityException missing) {
                throw new CertificateException(missing);
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, java.net.Socket socket)
                throws CertificateException {
            throw new CertificateException("this phone serves nobody");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("this phone serves nobody");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("this phone serves nobody");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return authorities.getAcceptedIssuers();
        }
    }
}
