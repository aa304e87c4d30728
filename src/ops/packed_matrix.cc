#include "ops/packed_matrix.h"

#include <dnnl.hpp>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "core/error.h"

namespace berta::ops {
namespace {

using dnnl::memory;

constexpr auto kF32 = memory::data_type::f32;
/// The row count that the packed layout is chosen for; oneDNN then runs other counts on the same layout.
constexpr std::int64_t kNominalRows = 128;
/// Products for that many row counts are kept; real texts have few hundred lengths, and making one costs
/// about as much as running it.
constexpr std::size_t kMaxProducts = 256;

const dnnl::engine& cpu_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

/// One matmul for one number of rows.
struct Product {
  dnnl::matmul primitive;
  memory::desc scratch;
};

struct Problem {
  std::int64_t rows;
  memory::desc weight;  // [in, out] in any layout
  bool bias;
  std::int64_t stride;
};

dnnl::matmul::primitive_desc describe(const Problem& problem) {
  const std::int64_t in = problem.weight.dims()[0];
  const std::int64_t out = problem.weight.dims()[1];
  const memory::desc x({problem.rows, in}, kF32, memory::format_tag::ab);
  const memory::desc y({problem.rows, out}, kF32, memory::dims{problem.stride, 1});
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);  // so that threads may share the primitive
#if DNNL_VERSION_MAJOR >= 3
  const memory::desc b = problem.bias ? memory::desc({1, out}, kF32, memory::format_tag::ab) : memory::desc();
  return {cpu_engine(), x, problem.weight, b, y, attributes};
#else
  if (!problem.bias) return {dnnl::matmul::desc(x, problem.weight, y), attributes, cpu_engine()};
  const memory::desc b({1, out}, kF32, memory::format_tag::ab);
  return {dnnl::matmul::desc(x, problem.weight, b, y), attributes, cpu_engine()};
#endif
}

memory wrap(const memory::desc& desc, const float* data) {
  return memory(desc, cpu_engine(),
                const_cast<float*>(data));  // oneDNN has no const handles; inputs are not written
}

void execute(const Problem& problem, const Product& product, const memory& weight, const float* x,
             const float* bias, float* y) {
  const std::int64_t in = problem.weight.dims()[0];
  const std::int64_t out = problem.weight.dims()[1];
  std::unordered_map<int, memory> arguments{
      {DNNL_ARG_SRC, wrap({{problem.rows, in}, kF32, memory::format_tag::ab}, x)},
      {DNNL_ARG_WEIGHTS, weight},
      {DNNL_ARG_DST, wrap({{problem.rows, out}, kF32, memory::dims{problem.stride, 1}}, y)},
      {DNNL_ARG_SCRATCHPAD, memory(product.scratch, cpu_engine())}};
  if (bias != nullptr) arguments.emplace(DNNL_ARG_BIAS, wrap({{1, out}, kF32, memory::format_tag::ab}, bias));
  dnnl::stream stream(cpu_engine());
  product.primitive.execute(stream, arguments);
  stream.wait();
}

/// oneDNN's own exception would tell a user nothing.
template <class Body>
auto translated(const Body& body) {
  try {
    return body();
  } catch (const dnnl::error& error) {
    throw InternalError(std::string("internal error: oneDNN: ") + error.what());
  }
}

Product make_product(const Problem& problem) {
  const auto description = describe(problem);
  return {dnnl::matmul(description), description.scratchpad_desc()};
}

}  // namespace

struct PackedMatrix::State {
  std::int64_t out;
  std::int64_t in;
  memory weight;
  std::mutex mutex;
  std::map<std::pair<std::int64_t, std::int64_t>, Product> products;  // by rows and stride

  Product product(const Problem& problem) {
    const std::lock_guard lock(mutex);
    const auto key = std::pair(problem.rows, problem.stride);
    if (const auto found = products.find(key); found != products.end()) return found->second;
    if (products.size() >= kMaxProducts) products.clear();
    return products.emplace(key, make_product(problem)).first->second;
  }
};

PackedMatrix::PackedMatrix(std::span<const float> weight, std::int64_t out, std::int64_t in)
    : state_(std::make_unique<State>()) {
  check_internal(static_cast<std::int64_t>(weight.size()) == out * in, "weight of a wrong size");
  state_->out = out;
  state_->in = in;
  translated([&] {
    const memory::desc any({in, out}, kF32, memory::format_tag::any);
    const auto packed =
        describe({.rows = kNominalRows, .weight = any, .bias = true, .stride = out}).weights_desc();
    state_->weight = memory(packed, cpu_engine());
    memory plain = wrap({{in, out}, kF32, memory::format_tag::ba}, weight.data());
    dnnl::stream stream(cpu_engine());
    dnnl::reorder(plain, state_->weight).execute(stream, plain, state_->weight);
    stream.wait();
  });
}

PackedMatrix::PackedMatrix() = default;
PackedMatrix::~PackedMatrix() = default;
PackedMatrix::PackedMatrix(PackedMatrix&&) noexcept = default;
PackedMatrix& PackedMatrix::operator=(PackedMatrix&&) noexcept = default;

std::int64_t PackedMatrix::out() const {
  return state_->out;
}
std::int64_t PackedMatrix::in() const {
  return state_->in;
}

void PackedMatrix::multiply(const float* x, std::int64_t rows, const float* bias, Destination y) const {
  if (rows == 0) return;
  translated([&] {
    const Problem problem{
        .rows = rows, .weight = state_->weight.get_desc(), .bias = bias != nullptr, .stride = y.stride};
    execute(problem, state_->product(problem), state_->weight, x, bias, y.data);
  });
}

void multiply_plain(const float* x, std::int64_t rows, std::span<const float> weight, std::int64_t in,
                    Destination y) {
  if (rows == 0) return;
  const std::int64_t out = static_cast<std::int64_t>(weight.size()) / in;
  translated([&] {
    const memory::desc plain({in, out}, kF32, memory::format_tag::ba);
    const Problem problem{.rows = rows, .weight = plain, .bias = false, .stride = y.stride};
    execute(problem, make_product(problem), wrap(plain, weight.data()), x, nullptr, y.data);
  });
}

}  // namespace berta::ops
