# The whole tree is copied first, so no member can be missing.
FROM rust:1.90-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin parley-client

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /src/target/release/parley-client /parley-client
ENTRYPOINT ["/parley-client"]
