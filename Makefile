# Builds, tests and packages split-planes. `make help` says what there is.

VERSION := $(shell awk -F'"' '/^version/ { print $$2; exit }' Cargo.toml)
KUSTOMIZE := sigs.k8s.io/kustomize/kustomize/v5@v5.8.1

# What to build the image for, as docker calls it; by default this machine.
ARCH ?= $(patsubst x86_64,amd64,$(patsubst aarch64,arm64,$(shell uname -m)))
IMAGE ?= split-planes:v$(VERSION)
# Where the image says that its source is, and how long `make fuzz` takes.
SOURCE ?=
FUZZ_SECONDS ?= 60

target.amd64 := x86_64-unknown-linux-musl
target.arm64 := aarch64-unknown-linux-musl
TARGET := $(target.$(ARCH))
ROOTFS ?= target/$(TARGET)/image/rootfs

export PATH := $(CURDIR)/.tools/bin:$(PATH)
# The linker that comes with Rust links static binaries for either architecture; a C compiler would only know its own.
export CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER := rust-lld
export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER := rust-lld

.DELETE_ON_ERROR:
.PHONY: help demo test test-cluster test-flyte lint fmt doc deny bench fuzz image rootfs man picture tools FORCE

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

demo: out/base.yaml out/control-plane.yaml out/data-plane.yaml ## split testdata/example into out/ and explain what went where
	@{ cat out/base.yaml; echo ---; kustomize build testdata/example/control-plane/credentials; } | \
	  target/release/split-planes explain -c testdata/example/base/planes.yaml
	@echo 'written: out/control-plane.yaml out/data-plane.yaml'

out/%.yaml: FORCE | tools
	@mkdir -p out
	@cargo build --release --locked --quiet
	PATH="$(CURDIR)/target/release:$$PATH" kustomize build --enable-alpha-plugins --enable-exec testdata/example/$* > $@

test: lint doc ## everything: format, lints, docs, unit, golden and property tests, kustomize, docker, kpt
	@$(MAKE) --no-print-directory tools || echo 'going on without: its tests are skipped, or fail where CI is set'
	cargo test --locked --no-fail-fast

test-cluster: tools ## both outputs applied to real API servers, which take minutes to build the first time (needs Go)
	CI=true cargo test --locked --test cluster --test pages

test-flyte: tools ## Flyte's own flyteadmin reads what was written and runs executions by it (needs SPLIT_PLANES_FLYTE, Go, PostgreSQL, flytekit)
	CI=true cargo test --locked --test flyte -- --test-threads=1

lint: ## formatting and lints, warnings denied
	cargo fmt --check
	cargo clippy --all-targets --locked -- -D warnings
	cargo clippy --test cluster --test pages --test flyte --locked -- -D warnings

fmt: ## format the sources
	cargo fmt

doc: ## the documentation for who works on it, warnings denied
	@# Links to private items work here, where those are documented too.
	RUSTDOCFLAGS='-D warnings -A rustdoc::private-intra-doc-links' cargo doc --no-deps --document-private-items --locked

deny: ## licences, advisories and sources of the dependencies (needs cargo-deny)
	cargo deny --locked check

bench: ## time and memory, beside a plain copy and a Go function with the same job (BENCH_LARGE=1 for a list of 180 MB too)
	cargo bench --locked --bench '*'
	cargo build --release --locked
	cd benches/peers && go build -o $(CURDIR)/target/peers/kyaml .
	python3 benches/peers/compare.py target/release/split-planes target/peers/kyaml $(BENCH_COUNTS)

fuzz: ## look for inputs that break it, FUZZ_SECONDS for each target (needs Rust nightly and cargo-fuzz)
	@for name in $(basename $(notdir $(wildcard fuzz/fuzz_targets/*.rs))); do \
	  echo $$name; cargo +nightly fuzz run $$name -- -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 || exit 1; done

image: rootfs ## the container image, from the binary that cargo builds here
	tar -C $(dir $(ROOTFS)) -cf - rootfs | docker import --platform linux/$(ARCH) - split-planes-build > /dev/null
	sed -n '/^FROM scratch/,$$p' Dockerfile | \
	  docker build --quiet --platform linux/$(ARCH) --build-arg SOURCE=$(SOURCE) --tag $(IMAGE) -

rootfs: ## the files of the image: a static binary, and the user that orchestrators start it as
	! command -v rustup > /dev/null || rustup target add $(TARGET)
	cargo build --release --locked --target $(TARGET)
	mkdir -p $(ROOTFS)/etc
	cp target/$(TARGET)/release/split-planes $(ROOTFS)/split-planes
	echo 'nobody:x:65534:65534:nobody:/:/sbin/nologin' > $(ROOTFS)/etc/passwd
	echo 'nobody:x:65534:' > $(ROOTFS)/etc/group

man: ## the manual pages and completion scripts for packages, in out/
	cargo build --release --locked --quiet
	target/release/split-planes man out/man
	@mkdir -p out/completions
	@for shell in bash fish zsh; do target/release/split-planes completions $$shell > out/completions/split-planes.$$shell || exit 1; done

picture: | tools ## the picture in the README, from what the example is explained as
	cargo build --release --locked --quiet
	{ kustomize build testdata/example/base; echo ---; kustomize build testdata/example/control-plane/credentials; } | \
	  target/release/split-planes explain -c testdata/example/base/planes.yaml -o json | \
	  python3 .github/picture.py > .github/planes.svg

tools: ## the pinned kustomize in .tools/bin when there is none on the PATH (needs Go)
	@command -v kustomize > /dev/null || { set -x; GOBIN=$(CURDIR)/.tools/bin go install $(KUSTOMIZE); }
