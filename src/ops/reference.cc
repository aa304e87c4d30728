#include "ops/reference.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace berta::ops {

using model::Activation;

ReferenceOps::Matrix ReferenceOps::make_matrix(const Stored& stored, std::int64_t rows,
                                               std::int64_t columns) {
  Matrix matrix(rows, columns);
  read(stored, 0, std::span(matrix.data));
  return matrix;
}

ReferenceOps::Tensor ReferenceOps::gather(const Table& table, std::span<const std::int32_t> rows) {
  Tensor out(static_cast<std::int64_t>(rows.size()), table.columns());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    read_rows(table, rows[i],
              std::span(out.row(static_cast<std::int64_t>(i)), static_cast<std::size_t>(out.columns)));
  }
  return out;
}

ReferenceOps::Tensor ReferenceOps::select(const Tensor& x, std::span<const std::int32_t> rows) {
  Tensor out(static_cast<std::int64_t>(rows.size()), x.columns);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(x.row(rows[i]), x.columns, out.row(static_cast<std::int64_t>(i)));
  }
  return out;
}

ReferenceOps::Tensor ReferenceOps::add(Tensor x, const Tensor& y) {
  for (std::size_t i = 0; i < x.data.size(); ++i) x.data[i] += y.data[i];
  return x;
}

ReferenceOps::Tensor ReferenceOps::linear(const Tensor& x, const model::Linear<ReferenceOps>& w) {
  check_internal(x.columns == w.weight.columns, "linear: inner sizes differ");
  Tensor out(x.rows, w.weight.rows);
  for (std::int64_t i = 0; i < x.rows; ++i) {
    for (std::int64_t o = 0; o < out.columns; ++o) {
      double sum = w.bias ? (*w.bias)[static_cast<std::size_t>(o)] : 0;
      for (std::int64_t k = 0; k < x.columns; ++k) sum += x.row(i)[k] * w.weight.row(o)[k];
      out.row(i)[o] = sum;
    }
  }
  return out;
}

ReferenceOps::Tensor ReferenceOps::linear(const Tensor& x, const model::Linear<ReferenceOps>& w,
                                          Activation activation) {
  Tensor out = linear(x, w);
  for (double& value : out.data) value = model::activate(activation, value);
  return out;
}

ReferenceOps::Tensor ReferenceOps::linear_norm(const Tensor& x, const model::Linear<ReferenceOps>& w,
                                               const Tensor& residual,
                                               const model::LayerNorm<ReferenceOps>& n) {
  return norm(add(linear(x, w), residual), n);
}

ReferenceOps::Tensor ReferenceOps::norm(Tensor x, const model::LayerNorm<ReferenceOps>& w) {
  const auto columns = static_cast<double>(x.columns);
  for (std::int64_t i = 0; i < x.rows; ++i) {
    double* row = x.row(i);
    double mean = 0;
    for (std::int64_t k = 0; k < x.columns; ++k) mean += row[k] / columns;
    double variance = 0;  // biased, as everywhere in the family
    for (std::int64_t k = 0; k < x.columns; ++k) variance += (row[k] - mean) * (row[k] - mean) / columns;
    const double scale = 1 / std::sqrt(variance + w.epsilon);
    for (std::int64_t k = 0; k < x.columns; ++k) {
      const auto column = static_cast<std::size_t>(k);
      row[k] = (row[k] - mean) * scale * w.weight[column] + w.bias[column];
    }
  }
  return x;
}

namespace {

/// Rows [first, first + length) of one sequence.
struct Segment {
  std::int64_t first, length;
};

/// c[l, o] = b[o] + sum_t sum_i w[o, i, t] x[l + t - (kernel - 1) / 2, group(o) * D / groups + i], within one
/// sequence.
double convolved(const ReferenceOps::Tensor& x, const model::ConvolutionWeights<ReferenceOps>& w,
                 const model::Convolution& shape, Segment segment, std::int64_t l, std::int64_t o) {
  const std::int64_t inputs = x.columns / shape.groups;
  const std::int64_t group = o / inputs;
  double sum = w.bias[static_cast<std::size_t>(o)];
  for (std::int64_t t = 0; t < shape.kernel; ++t) {
    const std::int64_t at = l + t - (shape.kernel - 1) / 2;
    if (at < 0 || at >= segment.length) continue;
    for (std::int64_t i = 0; i < inputs; ++i) {
      sum += w.weight[static_cast<std::size_t>((o * inputs + i) * shape.kernel + t)] *
             x.row(segment.first + at)[group * inputs + i];
    }
  }
  return sum;
}

}  // namespace

ReferenceOps::Tensor ReferenceOps::convolve(const Tensor& x, const model::ConvolutionWeights<ReferenceOps>& w,
                                            const model::Convolution& shape, const model::Rows& rows) {
  Tensor out(x.rows, x.columns);
  for (std::size_t s = 0; s < rows.sequences(); ++s) {
    for (std::int64_t l = 0; l < rows.length(s); ++l) {
      for (std::int64_t o = 0; o < x.columns; ++o) {
        out.row(rows.starts[s] + l)[o] =
            model::activate(shape.activation, convolved(x, w, shape, {rows.starts[s], rows.length(s)}, l, o));
      }
    }
  }
  return out;
}

ReferenceOps::Positions ReferenceOps::positions(const Tensor& projected, std::int64_t, model::PositionTerm) {
  return projected;
}

namespace {

double dot(const double* a, const double* b, std::int64_t n) {
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

void softmax(std::vector<double>& scores) {
  const double largest = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& score : scores) sum += score = std::exp(score - largest);
  for (double& score : scores) score /= sum;
}

}  // namespace

ReferenceOps::Tensor ReferenceOps::attention(const model::AttentionInput<ReferenceOps>& in) {
  Tensor out(in.query.rows, in.value.columns);
  const std::int64_t size = in.query.columns / in.heads;
  for (std::size_t s = 0; s < in.key_rows.sequences(); ++s) {
    const std::int64_t first_key = in.key_rows.starts[s];
    std::vector<double> scores(static_cast<std::size_t>(in.key_rows.length(s)));
    for (std::int64_t row = in.query_rows.starts[s]; row < in.query_rows.starts[s + 1]; ++row) {
      for (std::int64_t at = 0; at < in.query.columns; at += size) {  // one head's columns
        const double* q = in.query.row(row) + at;
        for (std::size_t k = 0; k < scores.size(); ++k) {
          const double* key = in.key.row(first_key + static_cast<std::int64_t>(k)) + at;
          const auto distance =
              in.query_rows.positions[static_cast<std::size_t>(row)] - static_cast<std::int64_t>(k);
          double score = dot(q, key, size);
          if (in.positions.key) score += dot(q, in.positions.key->row(in.relative(distance)) + at, size);
          if (in.positions.query)
            score += dot(key, in.positions.query->row(in.relative(distance)) + at, size);
          scores[k] = score * in.scale;
        }
        softmax(scores);
        for (std::size_t k = 0; k < scores.size(); ++k) {
          const double* value = in.value.row(first_key + static_cast<std::int64_t>(k)) + at;
          for (std::int64_t i = 0; i < size; ++i) out.row(row)[at + i] += scores[k] * value[i];
        }
      }
    }
  }
  return out;
}

ReferenceOps::Tensor ReferenceOps::tied_logits(const Tensor& x, const Table& table, const Vector& bias) {
  Tensor out(x.rows, table.rows());
  std::vector<double> embedding(static_cast<std::size_t>(x.columns));
  for (std::int64_t v = 0; v < table.rows(); ++v) {
    read_rows(table, v, std::span(embedding));
    for (std::int64_t i = 0; i < x.rows; ++i) {
      out.row(i)[v] = bias[static_cast<std::size_t>(v)] + dot(x.row(i), embedding.data(), x.columns);
    }
  }
  return out;
}

}  // namespace berta::ops
