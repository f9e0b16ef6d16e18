# Targets for developers and administrators. `make` alone lists them.

PREFIX ?= /usr
SYSCONFDIR ?= /etc
DESTDIR ?=
SWIFT ?= swift
VERSION := $(shell sed -n 's/.*let version = "\(.*\)"/\1/p' Sources/Series/Product.swift 2>/dev/null)
# Release binaries are stripped; DEBUG_INFO=dwarf keeps line numbers in .build for a profiler.
DEBUG_INFO ?= none
# All symbols are bound at startup, so that the table of functions is read-only from then on; no library
# is searched beside the binary. C functions with arrays check their stack. Binaries contain no path of
# the machine that built them, and no hash of one, neither of debug information nor of a module's
# options: builds of the same sources in two places are identical.
RELEASE := -c release --static-swift-stdlib --disable-local-rpath -debug-info-format $(DEBUG_INFO) \
  -Xlinker -z -Xlinker relro -Xlinker -z -Xlinker now -Xcc -fstack-protector-strong \
  -Xcc -ffile-prefix-map=$(CURDIR)=/usr/src/anomalyd \
  -Xswiftc -file-prefix-map -Xswiftc $(CURDIR)=/usr/src/anomalyd \
  -Xswiftc -Xfrontend -Xswiftc -disable-incremental-llvm-codegen

# Statically linked binaries and test bundles are compiled with different flags: separate directories
# keep one from rebuilding the other.
TESTS := --scratch-path .build/tests
TEST_EVENTS := .build/tests/events.jsonl
BINARIES := .build/release

# Debian packages that the build and the tests need in addition to the Swift toolchain.
BUILD_PACKAGES := libsystemd-dev libcurl4-openssl-dev pkg-config binutils
TEST_PACKAGES := systemd dbus dbus-user-session libpam-systemd util-linux iproute2 python3 python3-venv \
  openssl valgrind debhelper lintian rpm git zsh fish tmux curl jq
# Packages that the end-to-end test installs in its throw-away machines, and never on this host.
GUEST_PACKAGES := systemd-journal-remote mosquitto mosquitto-clients mbpoll
GUEST := .build/guest
# An independent client of the control socket and an independent metrics parser, from PyPI.
VARLINK := .build/varlink/bin/python
# For other architectures: their C library, and an emulator.
CROSS_PACKAGES := qemu-user-static libc6-dev-arm64-cross libgcc-12-dev-arm64-cross \
  libc6-dev-s390x-cross libgcc-12-dev-s390x-cross
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

COMPLETIONS := bash-completion/completions/anomalyctl zsh/vendor-completions/_anomalyctl \
  fish/vendor_completions.d/anomalyctl.fish
UNITS := anomalyd.service anomalyd-webhook.service anomalyd-webhook.path
USER_UNITS := anomalyd.service
SWIFT_SOURCES := Sources Tests Benchmarks Package.swift
SHELL_SOURCES := .ci/run Tests/EndToEnd/boot Tests/Fuzz/pack Tests/Fuzz/run Tests/KernelOracle/run \
  packaging/tarball/install.sh packaging/tarball/uninstall.sh

.DEFAULT_GOAL := help
.PHONY: help run build test unit-test quick-test gates e2e torture day fmt lint bench bench-peers seeds check check-deep kernel-oracle fuzz fuzz-replay soak sanitize sanitize-e2e install uninstall deb dist rpm reproducible deps clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build-deps build ## Install dependencies, build, watch this host in the foreground
	$(BINARIES)/anomalyd --foreground

build: build-deps ## Build the release binaries (Swift runtime linked statically)
	$(SWIFT) build $(RELEASE)

test: deps unit-test gates e2e ## Install dependencies, run all tests, including a real systemd

unit-test: ## Run the tests of all rooms, optimised as released
	$(SWIFT) test -c release --disable-xctest $(TESTS) --event-stream-output-path $(TEST_EVENTS)
	@python3 Tests/Skips/skips.py $(TEST_EVENTS)
	cd Tests/Skips && python3 -m unittest --quiet
	cd Benchmarks && python3 -m unittest discover --quiet tests

# Optimised, as learning is slow otherwise, but with assertions.
quick-test: ## Run the tests of the pure rooms alone: seconds after a change
	PURE_ROOMS=1 $(SWIFT) test --disable-xctest --scratch-path .build/quick \
	  -Xswiftc -O -Xswiftc -assert-config -Xswiftc Debug -Xcc -O2 $(if $(FILTER),--filter $(FILTER))

gates: build ## Compare allocations, bytes and instructions with figures.json; UPDATE=1 updates it
	@SWIFT=$(SWIFT) python3 Tests/Gates/run.py $(if $(UPDATE),--update)

e2e: deb dist rpm ## Test service and packages in a real, throw-away systemd (as root); KILLS=500 for a long run
	$(AS_ROOT) python3 Tests/EndToEnd/run.py

torture: build ## Torment the service in a real systemd (as root): T=60 seconds, SEED=7 to do the same again
	$(AS_ROOT) env T=$(or $(T),60) SEED=$(SEED) ACTS="$(ACTS)" python3 Tests/EndToEnd/torture.py

day: build ## Run a scripted day of work and faults in a real systemd (as root, 40 min, on a quiet host)
	$(AS_ROOT) python3 Tests/EndToEnd/day.py

fmt: ## Format all Swift sources in place
	$(SWIFT) format --in-place --recursive $(SWIFT_SOURCES)

lint: ## Check formatting and shell scripts
	$(SWIFT) format lint --strict --recursive $(SWIFT_SOURCES)
	@if command -v shellcheck >/dev/null; then shellcheck $(SHELL_SOURCES); \
	else echo "lint: shellcheck is not installed, skipping shell scripts"; fi

bench: build ## Measure performance, with peers and machine limits; BENCH=--quick, --json FILE
	@python3 Benchmarks/run.py $(BENCH)

seeds: build ## Train and judge models on the recordings of ../shared/data; SEEDS=5
	@python3 Benchmarks/seeds.py --seeds $(or $(SEEDS),5)

# PyTorch from PyPI includes gigabytes of GPU libraries;
# PYTORCH_INDEX=https://download.pytorch.org/whl/cpu avoids them.
PYTORCH_INDEX ?=
PEERS := .build/peers

bench-peers: ## Install what `make bench` compares with (Python packages, agents) into .build
	@test -x $(PEERS)/python/bin/python || { echo "installing: Python packages, into $(PEERS)/python"; \
	  python3 -m venv $(PEERS)/python && $(PEERS)/python/bin/pip install --quiet \
	    $(if $(PYTORCH_INDEX),--extra-index-url $(PYTORCH_INDEX)) \
	    -r Benchmarks/peers/requirements.txt \
	  && $(PEERS)/python/bin/pip install --quiet --no-deps deep-river==0.3.4; \
	} || { rm -rf $(PEERS)/python; echo "PyPI is unreachable: skipping its peers"; }
	@test -x $(PEERS)/node-exporter/usr/bin/prometheus-node-exporter \
	  || $(call unpack,prometheus-node-exporter,$(PEERS)/node-exporter)
	@test -x $(PEERS)/netdata/usr/sbin/netdata || $(call unpack,netdata-core libuv1,$(PEERS)/netdata)

check: lint test sanitize ## Everything before a release: lint, all tests, sanitizers

check-deep: check kernel-oracle reproducible sanitize-e2e soak ## check, other architectures, a second build, e2e with sanitizers, soak, fuzzing
	$(MAKE) fuzz SECONDS=300

kernel-oracle: ## Check the C kernels: here, on aarch64 and big-endian s390x (both emulated)
	@$(call install_packages,$(CROSS_PACKAGES))
	SWIFT=$(SWIFT) Tests/KernelOracle/run $(sort $(shell uname -m) aarch64 s390x)

# Optimised, since learning is slow otherwise. Leaks are not searched for: what lives as long as the process would be
# reported.
SANITIZERS := $(or $(SANITIZER),address thread)
SANITIZED = -c release --disable-xctest --sanitize=$$sanitizer --scratch-path .build/$$sanitizer
export ASAN_OPTIONS ?= detect_leaks=0
export TSAN_OPTIONS ?= suppressions=$(CURDIR)/Tests/Sanitizers/thread.suppressions

sanitize: deps ## Run the tests under the address and the thread sanitizer: SANITIZER=address, then thread
	@for sanitizer in $(SANITIZERS); do $(SWIFT) test $(SANITIZED) || exit 1; done

# The programs that `make sanitize` built, in the real systemd; with their symbols, which suppressions name.
sanitize-e2e: deps ## Run the e2e test with sanitized programs (as root): SANITIZER=address, then thread
	@for sanitizer in $(SANITIZERS); do $(SWIFT) test list $(SANITIZED) >/dev/null \
	  && $(AS_ROOT) env SANITIZER=$$sanitizer MAKEFLAGS="BINARIES=.build/$$sanitizer/release STRIP_OPTION=" \
	    python3 Tests/EndToEnd/run.py || exit 1; done

soak: build ## Run the daemon through DAYS=30 of METRICS=200 in minutes: memory, descriptors, scores, state
	$(BINARIES)/anomalyd-soak $(or $(METRICS),200) $(or $(DAYS),30)

# Time or executions for each target; FUZZ_CORPUS is kept from run to run.
SECONDS ?= $(if $(RUNS),0,30)
RUNS ?= -1
FUZZ_CORPUS ?= .build/fuzz-corpus
SANITIZE ?= fuzzer

fuzz: build-deps ## Fuzz every parser: SECONDS=60 or RUNS=10000000 each, TARGETS='csv socket' only
	FUZZ=1 $(SWIFT) build -c release --product Fuzz --scratch-path .build/fuzz \
	  -Xswiftc -sanitize=$(SANITIZE) -Xswiftc -enable-testing -Xswiftc -use-ld=lld
	RUNS=$(RUNS) DURATION=$(SECONDS) TARGETS="$(TARGETS)" \
	  Tests/Fuzz/run .build/fuzz/release/Fuzz $(FUZZ_CORPUS)

fuzz-replay: build-deps ## Run the fuzz targets on what earlier runs found (Tests/Fuzz/Corpus), as make test does
	$(SWIFT) test -c release --disable-xctest $(TESTS) --filter FuzzTests

STRIP_OPTION := --strip

install: ## Install what `make build` built; honours PREFIX, SYSCONFDIR and DESTDIR
	@test -x $(BINARIES)/anomalyd || { echo "install: run 'make build' first" >&2; exit 1; }
	install -D $(STRIP_OPTION) -m 755 -t $(DESTDIR)$(PREFIX)/bin $(BINARIES)/anomalyd \
	  $(BINARIES)/anomalyd-webhook $(BINARIES)/anomalyctl
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	@for unit in $(UNITS); do \
	  sed 's|/usr/bin/anomaly|$(PREFIX)/bin/anomaly|g' systemd/$$unit \
	    > $(DESTDIR)$(PREFIX)/lib/systemd/system/$$unit || exit 1; done
	install -d $(DESTDIR)$(PREFIX)/lib/systemd/user
	@for unit in $(USER_UNITS); do \
	  sed 's|/usr/bin/anomaly|$(PREFIX)/bin/anomaly|g' systemd/user/$$unit \
	    > $(DESTDIR)$(PREFIX)/lib/systemd/user/$$unit || exit 1; done
	install -D -m 644 systemd/anomalyd.catalog \
	  $(DESTDIR)$(PREFIX)/lib/systemd/catalog/anomalyd.catalog
	install -D -m 644 systemd/anomalyd.sysusers.conf \
	  $(DESTDIR)$(PREFIX)/lib/sysusers.d/anomalyd.conf
	install -D -m 644 systemd/anomalyd.tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/anomalyd.conf
	@test -e $(DESTDIR)$(SYSCONFDIR)/anomalyd/anomalyd.conf || install -D -m 644 \
	  etc/anomalyd.conf $(DESTDIR)$(SYSCONFDIR)/anomalyd/anomalyd.conf
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/anomalyd/examples etc/examples/*
	@for page in $(wildcard docs/man/*.[1-8]); do \
	  install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man$${page##*.} $$page; done
	install -d $(addprefix $(DESTDIR)$(PREFIX)/share/,$(dir $(COMPLETIONS)))
	$(BINARIES)/anomalyctl completion bash > $(DESTDIR)$(PREFIX)/share/$(word 1,$(COMPLETIONS))
	$(BINARIES)/anomalyctl completion zsh > $(DESTDIR)$(PREFIX)/share/$(word 2,$(COMPLETIONS))
	$(BINARIES)/anomalyctl completion fish > $(DESTDIR)$(PREFIX)/share/$(word 3,$(COMPLETIONS))
	@test -n "$(DESTDIR)" || echo "installed; now: systemd-sysusers && systemd-tmpfiles" \
	  "--create && journalctl --update-catalog && systemctl daemon-reload && systemctl enable --now anomalyd"

DEB := .build/deb
# Who answers for the packages: 'Jane Doe <jane@example.com>'. The default is an address that RFC 2606
# reserves, so that packages claim nobody's support.
MAINTAINER ?=

# packaging/debian is laid out beside the build, so that the packages contain what `make build` built.
deb: build ## Build Debian packages from what `make build` built, into .build/deb; MAINTAINER='NAME <ADDRESS>'
	@$(call install_packages,debhelper lintian)
	rm -rf $(DEB) && mkdir -p $(DEB)/anomalyd && cp -a packaging/debian $(DEB)/anomalyd/
	@test -z "$(MAINTAINER)" || sed -i -e 's/^Maintainer: .*/Maintainer: $(MAINTAINER)/' \
	  -e 's/^ -- .*>/ -- $(MAINTAINER)/' $(DEB)/anomalyd/debian/control $(DEB)/anomalyd/debian/changelog
	cd $(DEB)/anomalyd && SOURCE="$(CURDIR)" dpkg-buildpackage --build=binary --unsigned-changes \
	  --no-check-builddeps
	lintian --fail-on error,warning --allow-root $(DEB)/*.changes

DIST := .build/dist
SOURCES := anomalyd-$(VERSION)
PREBUILT := $(SOURCES)-linux-$(shell uname -m)
GIT := git -c safe.directory='*'
# The time of every file in archives: that of the last commit.
EPOCH = $(or $(SOURCE_DATE_EPOCH),$(shell { test -e .git && $(GIT) log -1 --format=%ct; } || date --reference=CHANGELOG.md +%s))
PACK = tar --create --sort=name --mtime=@$(EPOCH) --owner=0 --group=0 --numeric-owner --mode=go=rX,u+rw,a-s
# From standard input, compressed; the same bytes give the same file.
COMPRESS := gzip --best --no-name

.PHONY: sources
sources: # The committed sources as a tarball; without a repository this folder without build products.
	@mkdir -p $(DIST)
	@if test -e .git; then \
	  $(GIT) diff --quiet HEAD || echo "sources: changes that are not committed are left out" >&2; \
	  $(GIT) archive --prefix=$(SOURCES)/ HEAD; \
	else \
	  $(PACK) --exclude=./.build --exclude=__pycache__ --transform='s,^\.,$(SOURCES),' .; \
	fi | $(COMPRESS) > $(DIST)/$(SOURCES).tar.gz

dist: build sources ## Make tarballs of the sources, and of binaries with install.sh, in .build/dist
	rm -rf $(DIST)/$(PREBUILT)
	$(MAKE) --no-print-directory install DESTDIR=$(CURDIR)/$(DIST)/$(PREBUILT)/files PREFIX=/usr SYSCONFDIR=/etc
	cp packaging/tarball/install.sh packaging/tarball/uninstall.sh README.md CHANGELOG.md LICENSE $(DIST)/$(PREBUILT)
	$(PACK) --directory=$(DIST) $(PREBUILT) | $(COMPRESS) > $(DIST)/$(PREBUILT).tar.gz
	rm -r $(DIST)/$(PREBUILT)

RPM := .build/rpm

# Elsewhere `rpmbuild -ta` of the source tarball compiles; here its packages get what `make build` built.
rpm: build sources ## Build RPM packages from the source tarball and what `make build` built, into .build/rpm
	@$(call install_packages,rpm)
	rm -rf $(RPM)
	rpmbuild -tb --quiet --nodeps --define "_topdir $(CURDIR)/$(RPM)" --define "binaries $(abspath $(BINARIES))" \
	  --define "__brp_compress /bin/true" $(DIST)/$(SOURCES).tar.gz

SECOND := .build/second

# With the source tarball, so that this also shows that it is complete.
reproducible: build sources ## Build the source tarball in another place and compare the binaries
	rm -rf $(SECOND) && mkdir -p $(SECOND) && tar --extract --directory=$(SECOND) --file=$(DIST)/$(SOURCES).tar.gz
	$(MAKE) --no-print-directory -C $(SECOND)/$(SOURCES) build
	@for name in anomalyd anomalyd-webhook anomalyctl; do \
	  for tree in . $(SECOND)/$(SOURCES); do \
	    strip -o $(SECOND)/stripped $$tree/.build/release/$$name && sha256sum <$(SECOND)/stripped || exit 1; \
	  done | uniq | wc -l | grep -qx 1 && echo "$$name: identical" || { echo "$$name differs"; exit 1; } \
	done

# A service that is removed while it runs could neither be stopped nor disabled any more.
uninstall: ## Stop the service and remove what `make install` installed; keeps configuration and state
	@test -n "$(DESTDIR)" || ! command -v systemctl >/dev/null \
	  || systemctl disable --now --quiet $(UNITS) 2>/dev/null || true
	@test -n "$(DESTDIR)" || ! command -v systemctl >/dev/null \
	  || systemctl --global disable --quiet $(USER_UNITS) 2>/dev/null || true
	rm -f $(addprefix $(DESTDIR)/etc/systemd/system/multi-user.target.wants/,$(UNITS))
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/bin/,anomalyd anomalyd-webhook anomalyctl) \
	  $(addprefix $(DESTDIR)$(PREFIX)/lib/systemd/system/,$(UNITS)) \
	  $(addprefix $(DESTDIR)$(PREFIX)/lib/systemd/user/,$(USER_UNITS)) \
	  $(DESTDIR)$(PREFIX)/lib/systemd/catalog/anomalyd.catalog \
	  $(DESTDIR)$(PREFIX)/lib/sysusers.d/anomalyd.conf \
	  $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/anomalyd.conf \
	  $(addprefix $(DESTDIR)$(PREFIX)/share/,$(COMPLETIONS)) \
	  $(addprefix $(DESTDIR)$(PREFIX)/share/doc/anomalyd/examples/,$(notdir $(wildcard \
	    etc/examples/*))) \
	  $(addprefix $(DESTDIR)$(PREFIX)/share/man/,$(foreach page,$(wildcard docs/man/*.[1-8]),\
	    man$(subst .,,$(suffix $(page)))/$(notdir $(page))))
	@rmdir --ignore-fail-on-non-empty $(DESTDIR)$(PREFIX)/share/doc/anomalyd/examples \
	  $(DESTDIR)$(PREFIX)/share/doc/anomalyd 2>/dev/null || true
	@test -n "$(DESTDIR)" || ! test -d /run/systemd/system || systemctl daemon-reload

deps: ## Install missing build and test dependencies
	@$(call install_packages,$(BUILD_PACKAGES) $(TEST_PACKAGES))
	@test -x $(VARLINK) && $(VARLINK) -c 'import varlink, prometheus_client' || { \
	  echo "installing: varlink and prometheus_client, into .build/varlink"; \
	  /usr/bin/python3 -m venv .build/varlink && $(VARLINK) -m pip install --quiet varlink==31.0.0 \
	    prometheus_client==0.21.1; \
	} || { rm -rf .build/varlink; \
	  echo "PyPI is unreachable: skipping tests with an independent client and parser"; }
	@test -x .build/alertmanager/usr/bin/prometheus-alertmanager || $(call unpack,prometheus-alertmanager,.build/alertmanager)
	@test -x .build/prometheus/usr/bin/promtool || $(call unpack,prometheus,.build/prometheus)
	@test -e $(GUEST)/complete || { echo "downloading: $(GUEST_PACKAGES), into $(GUEST)"; \
	  rm -rf $(GUEST) && mkdir -p $(GUEST)/partial && $(AS_ROOT) apt-get install -y -qq --download-only \
	    --no-install-recommends -o Dir::Cache::archives="$(CURDIR)/$(GUEST)" -o APT::Sandbox::User=root \
	    $(GUEST_PACKAGES) >/dev/null && touch $(GUEST)/complete; \
	} || echo "$(GUEST_PACKAGES): unavailable, skipping what needs them"

.PHONY: build-deps
build-deps:
	@$(call install_packages,$(BUILD_PACKAGES))

clean: ## Remove all build products
	rm -rf .build

# Unpacks Debian packages without installing them, so that none of their services is started.
define unpack
{ echo "unpacking: $(1), into $(2)"; rm -rf $(2) && mkdir -p $(2) && cd $(2) \
  && apt-get download -qq $(1) && printf '%s\n' *.deb | xargs -I{} dpkg-deb -x {} . \
  && rm ./*.deb; } || echo "$(1) is unavailable: skipping what needs it"
endef

# Installs missing packages; does not run apt if there are none.
define install_packages
missing=$$(for package in $(1); do \
  dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q '^install ok installed' \
    || echo $$package; done); \
if [ -n "$$missing" ]; then \
  echo "installing:" $$missing; \
  $(AS_ROOT) apt-get update -qq && $(AS_ROOT) env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
fi
endef
