# The front door. The build itself is CMake's (CMakePresets.json); this names the few things one
# wants from it, and has the packages installed that each of them needs.

.DEFAULT_GOAL := help
.PHONY: help build demo test bench soak fuzz lint format asan tsan install package \
        clean

PREFIX ?= /usr/local
JOBS   ?= $(shell nproc)
# Tests wait for their servers much of the time.
TEST_JOBS ?= $(shell expr 2 \* $(JOBS))
# How long `make fuzz` spends on each target.
FUZZ_SECONDS ?= 600
# Which of CMakePresets.json `make build`, `install` and `package` take; arm64 cross-compiles.
PRESET ?= release
# What installs missing packages. `make DEPS=true ...` leaves that to you.
DEPS   ?= tools/install-deps

# CMake takes the launcher from the environment when it configures for the first time.
export CMAKE_C_COMPILER_LAUNCHER   ?= $(shell command -v ccache)
export CMAKE_CXX_COMPILER_LAUNCHER ?= $(CMAKE_C_COMPILER_LAUNCHER)

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## compile the program: build/release/pgseal
	$(DEPS) build
	test -f build/$(PRESET)/build.ninja || cmake --preset $(PRESET) -DPGSEAL_TESTS=OFF
	cmake --build --preset $(PRESET) --parallel $(JOBS) --target pgseal manual

demo: ## back up a throw-away PostgreSQL, restore it, compare: under a minute once built
	$(DEPS) demo
	@$(MAKE) --no-print-directory build
	tools/demo

test: ## compile everything and run all tests
	$(DEPS) test
	cmake --preset release -DPGSEAL_TESTS=ON
	cmake --build --preset release --parallel $(JOBS)
	ctest --preset release --parallel $(TEST_JOBS) --no-tests=error

bench: ## compare with the pipe of stock programs: wall time, CPU, memory
	$(DEPS) bench
	@$(MAKE) --no-print-directory build
	cmake --preset release -DPGSEAL_BENCHMARKS=ON
	cmake --build --preset release --parallel $(JOBS) --target upload_bench \
	  pgseal_without_fingerprint
	bench/classic
	bench/archive
	bench/restore
	bench/verify
	bench/s3

soak: ## run the long tests: backups killed by the hundred
	$(DEPS) test
	cmake --preset release -DPGSEAL_TESTS=ON
	cmake --build --preset release --parallel $(JOBS)
	ctest --preset release -C soak --label-regex soak --no-tests=error --verbose

fuzz: ## let libFuzzer look for inputs that break the readers
	$(DEPS) lint
	$(DEPS) build
	cmake --preset fuzz
	cmake --build --preset fuzz --parallel $(JOBS)
	for target in build/fuzz/fuzz/*_fuzz; do \
	  name=$$(basename $$target _fuzz) && mkdir -p build/fuzz/found/$$name && \
	  $$target -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
	    -artifact_prefix=build/fuzz/found/$$name- build/fuzz/found/$$name fuzz/corpus/$$name || exit; \
	done

lint: ## check formatting, include directions, shell scripts and links
	$(DEPS) lint
	tools/check-format
	tools/check-includes
	tools/check-shell
	tools/check-links

format: ## let clang-format rewrite the sources
	$(DEPS) lint
	tools/check-format --fix

# Servers of Ceph and measurements of memory mean nothing under a sanitizer. Sanitizers of clang 14
# know a fixed address layout and fail at random where the kernel shuffles it widely.
SANITIZED_TESTS = $(shell setarch -R true 2>/dev/null && echo setarch -R) \
  ctest --test-dir build/$@ --parallel $(TEST_JOBS) --output-on-failure --no-tests=error \
        --label-exclude 'gateway|memory|long'

asan: ## run the tests under clang's address and undefined behaviour sanitizers
tsan: ## run the threaded tests under clang's thread sanitizer
tsan: SANITIZED_TESTS += --label-regex 'unit|threads'
asan tsan:
	$(DEPS) test
	$(DEPS) lint
	cmake --preset $@
	cmake --build --preset $@ --parallel $(JOBS) --target $@_tests
	ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS=halt_on_error=1 \
	  $(SANITIZED_TESTS)

install: build ## install below PREFIX=/usr/local; DESTDIR is honoured
	cmake --install build/$(PRESET) --prefix '$(PREFIX)'

package: ## make a Debian package: build/release/package/pgseal_*.deb
	$(DEPS) package
	@$(MAKE) --no-print-directory build
	rm -rf build/$(PRESET)/package
	cpack --config build/$(PRESET)/CPackConfig.cmake
	lintian --allow-root --fail-on error,warning \
	  --suppress-tags initial-upload-closes-no-bugs build/$(PRESET)/package/*.deb

clean: ## remove all that was built
	rm -rf build
