# Build: docker build -t lalanh .       for a release: make image, which wants each FROM with its digest
# Run:   docker run -p 8080:8080 -v lalanh:/data lalanh
FROM node:22-bookworm-slim AS web
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM rust:1.95-slim-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
COPY --from=web /src/node_modules node_modules
ENV LALANH_REQUIRE_WEB=1
RUN cargo build --release --locked --bin lalanh \
 && mkdir /empty

# The C library and nothing else: no shell, no package manager, a user of its own.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /src/target/release/lalanh /usr/local/bin/lalanh
# With what it is made of, where `make sbom` has written that.
COPY LICENSE-MIT LICENSE-APACHE sbom/*.cdx.json /usr/share/doc/lalanh/
COPY --from=build --chown=65532:65532 /empty /data
USER 65532:65532
ENV LALANH_DATA_DIR=/data LALANH_LISTEN=0.0.0.0:8080
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/usr/local/bin/lalanh", "health"]
ENTRYPOINT ["/usr/local/bin/lalanh"]
CMD ["serve"]
