#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/error.h"
#include "core/parallel.h"
#include "kernels/attention_training.h"
#include "train/ops/functions.h"

namespace berta::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

/// Sequences of a group share the sums of the table's gradients, so groups are what may run at once beside
/// heads. Their number is fixed: it decides the order of sums, and the bits must not depend on the machine.
constexpr std::size_t kGroups = 4;

template <class T>
class Heads {
 public:
  /// `inputs`: query, key, value, Kr, Qr.
  Heads(const AttentionShape& shape, const variable_list& inputs)
      : shape_(shape), columns_(inputs[0].size(1)), size_(columns_ / shape.heads) {
    query_ = inputs[0].const_data_ptr<T>(), key_ = inputs[1].const_data_ptr<T>(),
    value_ = inputs[2].const_data_ptr<T>();
    if (inputs[3].defined()) position_key_ = inputs[3].const_data_ptr<T>();
    if (inputs[4].defined()) position_query_ = inputs[4].const_data_ptr<T>();
    share_sequences();
  }

  /// Numbers of the scores that a head keeps.
  std::int64_t kept_scores() const { return static_cast<std::int64_t>(kept_); }

  /// `scores`: [heads, kept_scores()], or undefined.
  void forward(const at::Tensor& out, const at::Tensor& log_sums, const at::Tensor& scores) {
    set_results(out, log_sums, scores);
    run([&](const kernels::TrainingAttention<T>& task, std::size_t, std::size_t, auto& scratch) {
      kernels::attention_forward(task, scratch);
    });
  }

  /// `tables`: d Kr and d Qr of each group, [groups, rows, D] of zeros, or undefined.
  void backward(const at::Tensor& d_out, const variable_list& d_inputs, const variable_list& tables) {
    const T* const gradient = d_out.const_data_ptr<T>();
    const auto table = [&](const at::Tensor& all, std::size_t group, std::size_t at) {
      return all.defined() ? all[static_cast<std::int64_t>(group)].template data_ptr<T>() + at : nullptr;
    };
    run([&](const kernels::TrainingAttention<T>& task, std::size_t group, std::size_t at, auto& scratch) {
      kernels::attention_backward(task,
                                  {.d_out = gradient + at,
                                   .d_query = d_inputs[0].data_ptr<T>() + at,
                                   .d_key = d_inputs[1].data_ptr<T>() + at,
                                   .d_value = d_inputs[2].data_ptr<T>() + at,
                                   .d_position_key = table(tables[0], group, at),
                                   .d_position_query = table(tables[1], group, at)},
                                  scratch);
    });
  }

  void set_results(const at::Tensor& out, const at::Tensor& log_sums, const at::Tensor& scores) {
    out_ = out.data_ptr<T>();
    log_sums_ = log_sums.data_ptr<T>();
    scores_ = scores.defined() ? scores.data_ptr<T>() : nullptr;
  }

 private:
  /// Groups of neighbours with about as many scores each.
  void share_sequences() {
    const model::Rows& queries = shape_.query_rows;
    const model::Rows& keys = shape_.key_rows;
    double all = 0;
    const auto work = [&](std::size_t s) {
      return static_cast<double>(queries.length(s) + 1) * keys.length(s);
    };
    for (std::size_t s = 0; s < keys.sequences(); ++s) all += work(s);
    double before = 0;
    for (std::size_t s = 0; s < keys.sequences(); ++s) {
      const auto group = std::min(kGroups - 1, static_cast<std::size_t>(before / all * kGroups));
      before += work(s);
      const auto size = [](std::int32_t number) { return static_cast<std::size_t>(number); };
      kernels::AttentionSequence sequence{size(queries.starts[s]), size(queries.length(s)),
                                          size(keys.starts[s]), size(keys.length(s)), kept_};
      kept_ += sequence.kept_scores();
      groups_[group].push_back(sequence);
    }
  }

  template <class Run>
  void run(const Run& one) {
    const auto heads = static_cast<std::size_t>(shape_.heads);
    parallel_workers(heads * kGroups, [&](WorkQueue& queue) {
      kernels::TrainingScratch<T> scratch;
      while (const auto index = queue.next()) {
        const std::size_t head = *index / kGroups;
        const std::size_t group = *index % kGroups;
        if (!groups_[group].empty())
          one(task(head, group), group, head * static_cast<std::size_t>(size_), scratch);
      }
    });
  }

  kernels::TrainingAttention<T> task(std::size_t head, std::size_t group) const {
    const std::size_t at = head * static_cast<std::size_t>(size_);
    const auto stride = static_cast<std::size_t>(columns_);
    const auto table = [&](const T* rows) { return rows == nullptr ? nullptr : rows + at; };
    return {.sequences = groups_[group],
            .query = query_ + at,
            .query_stride = stride,
            .query_positions = shape_.query_rows.positions.data(),
            .key = key_ + at,
            .value = value_ + at,
            .key_stride = stride,
            .key_positions = shape_.key_rows.positions.data(),
            .position_key = table(position_key_),
            .position_query = table(position_query_),
            .table_stride = stride,
            .relative = shape_.relative.length() > 0 ? shape_.relative.centre() : nullptr,
            .head_size = static_cast<std::size_t>(size_),
            .scale = static_cast<T>(shape_.scale),
            .dropout = shape_.dropout.of(head),
            .out = out_ + at,
            .log_sums = log_sums_ + head * shape_.query_rows.count(),
            .scores = scores_ == nullptr ? nullptr : scores_ + head * kept_};
  }

  const AttentionShape& shape_;
  std::int64_t columns_;
  std::int64_t size_;  // of a head
  const T* query_;
  const T* key_;
  const T* value_;
  const T* position_key_ = nullptr;
  const T* position_query_ = nullptr;
  T* out_ = nullptr;
  T* log_sums_ = nullptr;
  T* scores_ = nullptr;
  std::size_t kept_ = 0;  // scores of one head
  std::array<std::vector<kernels::AttentionSequence>, kGroups> groups_;
};

/// How the context keeps the shape: saved_data takes IValues only.
struct ShapeHolder : torch::CustomClassHolder {
  explicit ShapeHolder(std::shared_ptr<const AttentionShape> kept) : shape(std::move(kept)) {}
  std::shared_ptr<const AttentionShape> shape;
};

class FusedAttention : public Function<FusedAttention> {
 public:
  // NOLINTNEXTLINE(readability-function-size): autograd sees the tensors that are arguments each
  static at::Tensor forward(AutogradContext* context, const at::Tensor& query, const at::Tensor& key,
                            const at::Tensor& value, const MaybeTensor& kr, const MaybeTensor& qr,
                            const std::shared_ptr<const AttentionShape>& shape, bool keeps_scores) {
    const at::Tensor position_key = kr.value_or(at::Tensor());
    const at::Tensor position_query = qr.value_or(at::Tensor());
    at::Tensor out = at::empty_like(query);
    at::Tensor log_sums = at::empty({shape->heads, query.size(0)}, query.options());
    at::Tensor scores;
    for_type(query, [&](auto number) {
      Heads<decltype(number)> heads(*shape, {query, key, value, position_key, position_query});
      if (keeps_scores) scores = at::empty({shape->heads, heads.kept_scores()}, query.options());
      heads.forward(out, log_sums, scores);
    });
    context->save_for_backward({query, key, value, position_key, position_query, out, log_sums, scores});
    context->saved_data["shape"] = c10::IValue::make_capsule(c10::make_intrusive<ShapeHolder>(shape));
    return out;
  }

  static variable_list backward(AutogradContext* context, const variable_list& d_out) {
    const variable_list saved = context->get_saved_variables();
    const auto holder = context->saved_data["shape"].toCapsule();
    const AttentionShape& shape = *static_cast<const ShapeHolder&>(*holder).shape;
    const variable_list d_inputs = {at::empty_like(saved[0]), at::empty_like(saved[1]),
                                    at::empty_like(saved[2])};
    const auto make_table = [](const at::Tensor& table) {
      constexpr auto kCount = static_cast<std::int64_t>(kGroups);
      return table.defined() ? at::zeros({kCount, table.size(0), table.size(1)}, table.options())
                             : at::Tensor();
    };
    const variable_list tables = {make_table(saved[3]), make_table(saved[4])};
    for_type(saved[0], [&](auto number) {
      Heads<decltype(number)> heads(shape, {saved.begin(), saved.begin() + 5});
      heads.set_results(saved[5], saved[6], saved[7]);
      heads.backward(d_out[0].contiguous(), d_inputs, tables);
    });
    const auto sum = [](const at::Tensor& groups) { return groups.defined() ? groups.sum(0) : groups; };
    return {d_inputs[0],    d_inputs[1],  d_inputs[2], sum(tables[0]),
            sum(tables[1]), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor fused_attention(const AttentionTensors& in, const std::shared_ptr<const AttentionShape>& shape) {
  const auto table = [](const at::Tensor& x) { return maybe(x.defined() ? x.contiguous() : x); };
  return FusedAttention::apply(in.query.contiguous(), in.key.contiguous(), in.value.contiguous(),
                               table(in.position_key), table(in.position_query), shape,
                               at::GradMode::is_enabled());
}

namespace {

/// Index into the table for each query and key of a sequence, [queries, keys].
at::Tensor table_rows(const AttentionShape& shape, std::size_t sequence, const at::Device& device) {
  const auto queries = shape.query_rows.positions_of(sequence);
  const auto keys = shape.key_rows.positions_of(sequence);
  at::Tensor rows = at::empty(
      {static_cast<std::int64_t>(queries.size()), static_cast<std::int64_t>(keys.size())}, at::kLong);
  auto* out = rows.data_ptr<std::int64_t>();
  for (const std::int32_t query : queries) {
    for (const std::int32_t key : keys) *out++ = shape.relative(query - key);
  }
  return rows.to(device);
}

/// [rows, heads * size] -> [heads, rows, size].
at::Tensor by_head(const at::Tensor& x, std::int64_t heads) {
  return x.view({x.size(0), heads, x.size(1) / heads}).transpose(0, 1);
}

/// Multipliers of the probabilities of one sequence, [heads, queries, keys]: those of the fused form.
at::Tensor probability_mask(const AttentionShape& shape, std::size_t sequence,
                            const at::TensorOptions& options) {
  const std::int64_t queries = shape.query_rows.length(sequence);
  const std::int64_t keys = shape.key_rows.length(sequence);
  std::vector<at::Tensor> masks;
  for (std::int64_t head = 0; head < shape.heads; ++head) {
    masks.push_back(
        dropout_mask({.first_row = shape.query_rows.starts[sequence], .rows = queries, .columns = keys},
                     shape.dropout.of(static_cast<std::uint64_t>(head)), options));
  }
  return at::stack(masks);
}

}  // namespace

at::Tensor plain_attention(const AttentionTensors& in, const AttentionShape& shape) {
  std::vector<at::Tensor> outs;
  for (std::size_t s = 0; s < shape.key_rows.sequences(); ++s) {
    const auto part = [&](const at::Tensor& x, const model::Rows& rows) {
      return by_head(x.slice(0, rows.starts[s], rows.starts[s + 1]), shape.heads);
    };
    const at::Tensor query = part(in.query, shape.query_rows);  // [heads, queries, size]
    const at::Tensor key = part(in.key, shape.key_rows);
    at::Tensor scores = query.matmul(key.transpose(1, 2));  // [heads, queries, keys]
    if (in.position_key.defined() || in.position_query.defined()) {
      const at::Tensor rows = table_rows(shape, s, in.query.device()).unsqueeze(0).expand(scores.sizes());
      if (in.position_key.defined()) {
        scores = scores + query.matmul(by_head(in.position_key, shape.heads).transpose(1, 2)).gather(2, rows);
      }
      if (in.position_query.defined()) {
        const at::Tensor terms = key.matmul(by_head(in.position_query, shape.heads).transpose(1, 2));
        scores = scores + terms.gather(2, rows.transpose(1, 2)).transpose(1, 2);
      }
    }
    at::Tensor probabilities = (scores * shape.scale).softmax(-1);
    if (shape.dropout.active()) probabilities = probabilities * probability_mask(shape, s, scores.options());
    const at::Tensor mixed = probabilities.matmul(part(in.value, shape.key_rows));
    outs.push_back(mixed.transpose(0, 1).reshape({query.size(1), in.query.size(1)}));
  }
  return at::cat(outs);
}

}  // namespace berta::train
