#!/usr/bin/env bash
# The other processors, for which CI has no time: runs the tests of kernels and models as a machine without AVX-512
# would (qemu's Haswell: AVX2), a model as one without AVX (Nehalem: plain code, which the tests of kernels run on
# every machine), then compiles and links the command for arm64.
# Usage: tools/check/targets.sh [BUILD_FOLDER]     a finished build for this machine; build if not given
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${1:-build}
tools/setup/install.sh debian targets

emulated() { qemu-x86_64 -cpu "$@" 2>/dev/null; }
for cpu in Haswell Nehalem; do
  printf '%s: ' $cpu
  emulated $cpu "$build/berta" doctor | grep '^kernels'
  for dtype in f32 bf16 int8; do
    printf '  %s: ' $dtype
    emulated $cpu "$build/berta" classify models/sentiment "What a charming, well-acted movie!" --dtype $dtype
  done
done
for test in kernels_test infer_test wordvec_test; do
  printf 'Haswell: %s: ' $test
  emulated Haswell "$build/tests/$test" --gtest_brief=1 | tail -n 1
done

# The libraries of arm64, unpacked and not installed: some of them can't lie beside those of this machine.
root=$PWD/build/arm64-root
if [ ! -d "$root/usr" ]; then
  mkdir -p "$root/packages"
  dpkg --print-foreign-architectures | grep -qx arm64 || { dpkg --add-architecture arm64 && apt-get -qq update; }
  (cd "$root/packages" && apt-get -qq download $(printf '%s:arm64 ' libhwy-dev libhwy1 libsimdjson-dev libsimdjson14 \
    libfmt-dev libfmt9 libpcre2-dev libpcre2-8-0 zlib1g-dev zlib1g))
  for package in "$root"/packages/*.deb; do dpkg -x "$package" "$root"; done
fi
export PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_LIBDIR=$root/usr/lib/aarch64-linux-gnu/pkgconfig
cmake -S . -B build/arm64 -G Ninja --log-level=WARNING -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
  -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ -DCMAKE_FIND_ROOT_PATH="$root" \
  -DCMAKE_LIBRARY_ARCHITECTURE=aarch64-linux-gnu -DBERTA_TESTS=OFF >/dev/null
ninja -C build/arm64 --quiet berta_command
file build/arm64/berta
