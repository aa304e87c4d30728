// The training room's product against at::mm, which takes MKL: GFLOP/s of the three products of a linear
// layer. Usage: build/bench/train_products [THREADS]
#include "train/ops/products.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "train/run/process.h"

namespace {

using Clock = std::chrono::steady_clock;

/// Best of several runs in turns: the machines are noisy.
constexpr int kRounds = 7;
constexpr int kCalls = 8;  // of one run

struct Shape {
  std::int64_t rows, in, out;
};

template <class Call>
double gflops(const Call& call, const Shape& shape) {
  const auto start = Clock::now();
  for (int i = 0; i < kCalls; ++i) call();
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return 2e-9 * kCalls * static_cast<double>(shape.rows * shape.in * shape.out) / seconds;
}

void compare(const char* name, const at::Tensor& a, const at::Tensor& b) {
  const Shape shape{a.size(0), a.size(1), b.size(1)};
  double mm = 0, own = 0;
  for (int round = 0; round < kRounds; ++round) {
    mm = std::max(mm, gflops([&] { at::mm(a, b); }, shape));
    own = std::max(own, gflops([&] { berta::train::product(a, b); }, shape));
  }
  std::printf("%-4s %5lld x %4lld x %4lld   at::mm %4.0f   product %4.0f\n", name,
              static_cast<long long>(shape.rows), static_cast<long long>(shape.in),
              static_cast<long long>(shape.out), mm, own);
}

}  // namespace

int main(int count, char** words) {
  berta::train::set_up_process(count > 1 ? std::atoi(words[1]) : 0);
  for (const Shape& shape : {Shape{2048, 384, 384}, Shape{2048, 384, 1536}, Shape{2048, 1536, 384}}) {
    const at::Tensor x = at::rand({shape.rows, shape.in}), w = at::rand({shape.out, shape.in}),
                     dy = at::rand({shape.rows, shape.out});
    compare("y", x, w.t());
    compare("dx", dy, w);
    compare("dw", dy.t(), x);
  }
}
