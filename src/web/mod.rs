//! HTTP: the page and its API on one listener, the probes on the other.
