# The two commands: `make demo` and `make test`. Both install what is missing (tools/setup), build, and run.
BUILD   ?= build
PREFIX  ?= /usr/local
JOBS    ?= $(shell nproc)
CMAKE_FLAGS ?=
CTEST_FLAGS ?=
TARGETS ?=
NINJA    = ninja -C $(BUILD) -j$(JOBS) $(shell [ -t 2 ] || echo --quiet)

.DEFAULT_GOAL := help
.PHONY: help setup configure build all demo test bench check format install clean

help:  ## this text
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do \
	  printf '  make %-9s %s\n' "$$name" "$$text"; done
	@echo "  Variables: BUILD=$(BUILD) PREFIX=$(PREFIX) JOBS=$(JOBS) CMAKE_FLAGS= CTEST_FLAGS=, BERTA_INSTALL=no to install no packages, BERTA_TORCH=no to build without training"

setup:  ## install the Debian packages that are missing (root or sudo), and the torch wheel
	@tools/setup/install.sh debian
	@tools/setup/torch.sh

configure: setup
	@cmake -S . -B $(BUILD) -G Ninja --log-level=WARNING $(CMAKE_FLAGS) >/dev/null

build: configure  ## build the command, $(BUILD)/berta
	@$(NINJA) berta_command

all: configure  ## build the command, the library and the tests
	@$(NINJA) $(TARGETS)

demo: build  ## build, and classify real reviews with the embedded model
	@tools/demo.sh $(BUILD)/berta

test: all  ## build, and run all tests
	@ctest --test-dir $(BUILD) -j$(JOBS) --output-on-failure $(CTEST_FLAGS)

bench:  ## measure Berta and its peers (PyTorch, ONNX Runtime, OpenVINO); docs/benchmarks.md says how
	@bench/peers/run.sh --build $(BUILD)

check:  ## layout, lint, include rule and the other checks of the sources
	@tools/setup/install.sh debian check
	@$(MAKE) --no-print-directory configure
	@tools/check/all.sh $(BUILD)

format:  ## lay out the sources with clang-format
	@tools/setup/install.sh check
	@tools/check/format.sh --fix

install: build  ## install command, library and headers to PREFIX
	@cmake --install $(BUILD) --prefix $(PREFIX) >/dev/null
	@echo "installed to $(PREFIX)"

clean:  ## remove the build folder
	@rm -rf $(BUILD)
