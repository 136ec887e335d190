# One image for both architectures; the Supervisor pulls it ready-made. It holds one program, linked with all it needs, and the
# certificate authorities: no shell, no package, nothing to keep up to date but ourselves.
ARG BUILDER=rust:1.95.0-slim-trixie
ARG BUILD_FROM=scratch

FROM ${BUILDER} AS builder
WORKDIR /source
COPY . .
# Named even where it is the machine's own: without a target the compiler's own helpers would be linked statically, too.
RUN target="$(uname -m)-unknown-linux-gnu" \
    && RUSTFLAGS="-C target-feature=+crt-static" cargo build --release --locked --bin aicleaner --target "$target" \
    && mkdir -p /image/usr/bin /image/etc/ssl/certs /image/data /image/tmp \
    && chmod 1777 /image/tmp \
    && cp "target/$target/release/aicleaner" /image/usr/bin/aicleaner \
    && cp /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt

FROM ${BUILD_FROM}
# Time zones are in the program; the authorities are for https cameras and servers.
COPY --from=builder /image/ /

# Few arenas: memory freed by one thread serves the next.
ENV MALLOC_ARENA_MAX=2 \
    AICLEANER_DATA_DIR=/data
# Outside the Supervisor a config file /data/aicleaner.yaml is found here.
WORKDIR /data

# Root, because the Supervisor owns /data by root; AppArmor confines it, and no
# capability or device is asked for.
# 8099: page and API through ingress. 9464: health and metrics.
EXPOSE 8099 9464
# Asks the service over loopback; says nothing about brokers or Home Assistant. The start interval needs Docker 25 to build;
# an older engine runs the image and asks every 30 seconds from the beginning.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --start-interval=1s --retries=3 \
    CMD ["/usr/bin/aicleaner", "healthcheck"]
ENTRYPOINT ["/usr/bin/aicleaner"]
CMD ["run"]

ARG BUILD_VERSION=3.0.0
ARG BUILD_ARCH="aarch64|amd64"
LABEL \
    io.hass.type="app" \
    io.hass.name="AICleaner V3" \
    io.hass.description="Looks at your rooms, says what there is to tidy, and keeps your to-do lists in step" \
    io.hass.url="https://github.com/sporebattyl/aicleaner_v3" \
    io.hass.version="${BUILD_VERSION}" \
    io.hass.arch="${BUILD_ARCH}" \
    org.opencontainers.image.title="AICleaner V3" \
    org.opencontainers.image.description="Looks at your rooms, says what there is to tidy, and keeps your to-do lists in step" \
    org.opencontainers.image.source="https://github.com/sporebattyl/aicleaner_v3" \
    org.opencontainers.image.licenses="MIT" \
    org.opencontainers.image.version="${BUILD_VERSION}"
