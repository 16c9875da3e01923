# `docker build .` compiles the function in the first stage. `make image` takes the second stage alone, over a first that it
# fills with the binary which cargo builds on this machine: no base image is pulled then.

FROM --platform=$BUILDPLATFORM rust:1.95-bookworm AS split-planes-build
ARG TARGETARCH
# What `split-planes version` says that it is built from.
ARG COMMIT
ENV SPLIT_PLANES_COMMIT=$COMMIT
WORKDIR /src
COPY . .
RUN make rootfs ARCH=$TARGETARCH ROOTFS=/rootfs

FROM scratch
# First, because docker's older builder takes the platform from what is copied.
COPY --from=split-planes-build /rootfs/ /
ARG SOURCE
LABEL org.opencontainers.image.title="split-planes" \
      org.opencontainers.image.description="KRM function that splits one Flyte deployment into a control plane and a data plane" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.licenses="Apache-2.0"
USER 65534:65534
ENTRYPOINT ["/split-planes"]
