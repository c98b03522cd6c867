# Tapescope. Each target is safe to repeat and quick when nothing changed.
#
#   make lab       set up, build, install into .venv, open JupyterLab on notebooks/ (ARGS=--no-browser: print the address)
#   make test      set up, build, run every suite (SUITES="core kernel": only those)
#   make setup     apt packages, .venv, the front end's packages
#   make build     the front end, the engine, the kernel; the wheel, installed into .venv
#   make format    rewrite the sources in the project's style;  make lint: check it, and the types
#   make sanitize  the engine's tests under the address, undefined-behaviour and leak sanitizers
#   make tsan      its rooms with threads under the thread sanitizer
#   make fuzz      each fuzzer for FUZZ_SECONDS (60); what it finds, and the inputs it keeps, are in .cache/fuzz
#   make looking   the Python suite twice, the second time recorded and looked at from all sides: nothing may come out otherwise
#   make cuda      the CUDA backend: fetches its compiler, builds it, tests what can be tested; no GPU is needed
#   make bench     the benchmarks
#   make clean     remove what was built
#
# Budget on two cores, in seconds: from bare (nothing installed, empty caches), and warm with nothing changed.
#
#   step                  bare   warm
#   apt packages           120      1
#   .venv                   90      1
#   front end's packages    40      1
#   front end's build       60      1
#   engine and kernel      480      2
#   suite core               5      5
#   suite python           145    145
#   suite kernel           260    260
#   suite notebooks         20     20
#   suite widgets          120    120
#   suite browser          400    400
#   sum                   1465    682     of 1500 and 720; suites but browser run two at a time
#
# What .ci/run does after them, of 1200:
#
#   step                  bare   warm
#   sanitize               360     20
#   tsan                   180     20
#   fuzz                   150    120
#   cuda                   120     20

SHELL := /bin/sh
.DEFAULT_GOAL := build
.PHONY: lab test setup build format lint sanitize tsan fuzz looking cuda bench clean

PYTHON := .venv/bin/python
BUILD_DIR := build
FUZZ_SECONDS := 60
once := scripts/once.sh

# What the wheel is made of.
SOURCES := CMakeLists.txt cmake pyproject.toml core kernel tests/core widgets/labextension/package.json LICENSE
FRONT_END := widgets
CXX_FILES = $(shell git ls-files -co --exclude-standard -- 'core/*.h' 'core/*.cpp' 'core/*.cu' 'core/*.cuh' 'kernel/*.h' 'kernel/*.cpp' 'tests/core/*.h' 'tests/core/*.cpp' 'tests/fuzz/*.h' 'tests/fuzz/*.cpp')

setup:
	@scripts/apt.sh
	@$(once) venv requirements-dev.txt scripts/venv.sh -- scripts/venv.sh
	@[ -d widgets/node_modules ] || rm -f .cache/stamps/npm
	@$(once) npm widgets/package-lock.json widgets/.npmrc scripts/npm.sh -- scripts/npm.sh

build: setup
	@[ -f widgets/labextension/package.json ] || rm -f .cache/stamps/labextension
	@$(once) labextension $(FRONT_END) -- npm --prefix widgets run --silent build
	@$(PYTHON) -c 'import importlib.util as u, sys; sys.exit(not (u.find_spec("tapescope") and u.find_spec("tapescope_kernel")))' \
	  || rm -f .cache/stamps/wheel
	@[ -f $(BUILD_DIR)/build.ninja ] || rm -f .cache/stamps/wheel
	@$(once) wheel $(SOURCES) -- sh -c 'rm -f .venv/lib/python*/site-packages/tapescope/libtapescope_cuda.so; \
	  CMAKE_BUILD_PARALLEL_LEVEL=2 \
	  $(PYTHON) -m pip install --disable-pip-version-check --no-build-isolation --no-deps --force-reinstall \
	  -Cbuild-dir=$(BUILD_DIR) -Ccmake.define.TAPESCOPE_TESTS=ON .'

# Jupyter asks root for a word more; the two commands are for root too.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

lab: build
	@$(PYTHON) -m jupyter lab --notebook-dir=notebooks $(AS_ROOT) $(ARGS)

test: build
	@$(PYTHON) scripts/test.py $(SUITES)

format: setup
	@clang-format -i $(CXX_FILES)
	@$(PYTHON) -m ruff check --quiet --fix .
	@$(PYTHON) -m ruff format --quiet .
	@npm --prefix widgets run --silent format

lint: setup
	@clang-format --dry-run -Werror $(CXX_FILES)
	@$(PYTHON) -m ruff check --quiet .
	@$(PYTHON) -m ruff format --quiet --check .
	@npm --prefix widgets run --silent lint
	@echo 'lint: clean'

sanitize: setup
	cmake --preset sanitize
	cmake --build --preset sanitize --target tests/core/all
	TAPESCOPE_STRESS_SECONDS=30 ctest --preset sanitize --timeout 300

tsan: setup
	cmake --preset thread
	cmake --build --preset thread --target tensor_tests graph_tests backend_tests autograd_tests record_tests trace_tests profile_tests
	TAPESCOPE_STRESS_SECONDS=30 ctest --preset thread --timeout 300 -R '^(tensor|graph|backend|autograd|record|trace|profile)$$'

fuzz: setup
	cmake --preset sanitize
	cmake --build --preset sanitize --target tests/fuzz/all
	scripts/fuzz.sh $(FUZZ_SECONDS) program shape text graph trace_file

looking: build
	@mkdir -p .cache/looking
	TAPESCOPE_DIGESTS=.cache/looking/plain $(PYTHON) -m pytest -q tests/python
	TAPESCOPE_EXPLORE=full TAPESCOPE_DIGESTS=.cache/looking/full $(PYTHON) -m pytest -q tests/python -o timeout=300
	@$(PYTHON) tests/python/looking.py .cache/looking/plain .cache/looking/full

# Beside the sources, and in .venv until `make build` installs an engine that it may not fit.
cuda: build
	@[ -x .cache/cuda/nvidia/cu13/bin/nvcc ] || rm -f .cache/stamps/cuda
	@$(once) cuda scripts/cuda.sh -- scripts/cuda.sh
	cmake --preset cuda
	cmake --build --preset cuda
	@cp core/python/tapescope/libtapescope_cuda.so "$$($(PYTHON) -c 'import tapescope as ts; print(ts.__path__[0])')"
	$(PYTHON) -m pytest -q -rs tests/python/test_cuda.py

bench: build
	@$(PYTHON) -m tests.bench.run

clean:
	rm -rf build build-sanitize build-thread build-cuda dist .cache widgets/labextension widgets/lib
