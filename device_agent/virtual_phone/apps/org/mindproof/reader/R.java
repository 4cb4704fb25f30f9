package org.mindproof.reader;

/** This app names nothing: its one view draws everything. */
final class R {
    private R() {}
}
