# A thin front: CMake builds, the scripts in dev/ test, measure and show.
PREFIX ?= /usr/local

.PHONY: all test soak demo install format lint bench fuzz clean

all:
	@cmake --preset release >/dev/null
	@cmake --build build --parallel $(shell nproc)

test:
	./dev/test.sh

soak: all
	./dev/soak.sh

demo:
	./dev/demo.sh

install: all
	cmake --install build --strip --prefix "$(PREFIX)"

format:
	git ls-files '*.c' '*.h' | xargs clang-format -i

lint:
	./dev/lint.sh

bench: all
	./bench/run.sh

fuzz:
	./dev/fuzz.sh

clean:
	rm -rf build
