#include "cli/encode_run.h"

#include <algorithm>

#include "core/error.h"

namespace berta::cli {
namespace {

using infer::Head;

std::vector<float> column(const infer::Matrix& matrix, std::int64_t index) {
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(matrix.rows));
  for (std::int64_t i = 0; i < matrix.rows; ++i)
    values.push_back(matrix.row(i)[static_cast<std::size_t>(index)]);
  return values;
}

std::int64_t length_of(const infer::Sequence& sequence) {
  return static_cast<std::int64_t>(sequence.ids.size());
}

}  // namespace

EncodeRun::EncodeRun(const infer::Model& model, std::vector<EncodeItem> items, const EncodeWants& wants)
    : model_(model), session_(model.make_session()), items_(std::move(items)), wants_(wants) {
  // Tensors lie by name, so that items by their names' beginnings are needed one after another.
  std::sort(items_.begin(), items_.end(),
            [](const EncodeItem& a, const EncodeItem& b) { return a.id + "." < b.id + "."; });
  if (wants_.logits) head_ = model_.resolve(wants_.head);
  for (const EncodeItem& item : items_) {
    if (item.is_choice) {
      model_.resolve(Head::choice);
      continue;
    }
    if (head_ == Head::choice)
      throw UserError(item.where + ": expected a key 'choices' for the head 'choice'");
  }
  plan();
}

infer::Request EncodeRun::request_of(const EncodeItem& item) const {
  if (item.is_choice) return {.head = Head::choice, .decoder = wants_.decoder};
  return {.head = head_,
          .decoder = wants_.decoder,
          .last_hidden_state = true,
          .hidden_states = wants_.hidden_states};
}

void EncodeRun::check(const EncodeItem& item) const {
  for (const infer::Sequence& sequence : item.sequences) {
    try {
      model_.check(sequence, request_of(item));
    } catch (const UserError& error) {
      constexpr std::string_view kPrefix = "sequence 0: ";
      std::string_view message = error.what();
      if (message.starts_with(kPrefix)) message.remove_prefix(kPrefix.size());
      throw UserError(item.where + ": " + std::string(message));
    }
  }
}

/// Widths of the outputs, from one token's.
void EncodeRun::probe(const EncodeItem& item) {
  infer::Sequence token{.ids = {item.sequences.front().ids.front()}, .types = {}, .mask_positions = {}};
  const auto output = session_->run({&token, 1}, request_of(item)).front();
  logits_width_ = output.logits.columns;
  hidden_width_ = output.last_hidden_state.columns;
  hidden_count_ = output.hidden_states.size();
}

void EncodeRun::plan() {
  bool probed = false;
  planned_.resize(items_.size());
  for (std::size_t i = 0; i < items_.size(); ++i) {
    const EncodeItem& item = items_[i];
    check(item);
    if (item.is_choice) {
      add(i, "logits", {static_cast<std::int64_t>(item.sequences.size())}, {i, Kind::logits, 0});
      continue;
    }
    if (!probed) probe(item);
    probed = true;
    const Shape shape{length_of(item.sequences.front()), hidden_width_};
    add(i, "last_hidden_state", shape, {i, Kind::last_hidden_state, 0});
    for (std::size_t layer = 0; layer < hidden_count_; ++layer) {
      add(i, "hidden_states." + std::to_string(layer), shape, {i, Kind::hidden_state, layer});
    }
    if (head_ != Head::none) plan_logits(i);
  }
  std::sort(specs_.begin(), specs_.end(),
            [](const io::TensorSpec& a, const io::TensorSpec& b) { return a.name < b.name; });
}

void EncodeRun::plan_logits(std::size_t item) {
  const infer::Sequence& sequence = items_[item].sequences.front();
  const std::int64_t length = length_of(sequence);
  if (head_ == Head::qa) {
    add(item, "start_logits", {length}, {item, Kind::start_logits, 0});
    add(item, "end_logits", {length}, {item, Kind::end_logits, 0});
    return;
  }
  Shape shape{length, logits_width_};
  if (head_ == Head::classification) shape = {logits_width_};
  if (head_ == Head::rtd) shape = {length};
  if (head_ == Head::mlm && !sequence.all_positions) {
    shape[0] = static_cast<std::int64_t>(sequence.mask_positions.size());
  }
  add(item, "logits", std::move(shape), {item, Kind::logits, 0});
}

void EncodeRun::add(std::size_t item, const std::string& suffix, Shape shape, Place place) {
  std::string name = items_[item].id + "." + suffix;
  if (!places_.emplace(name, place).second) {
    throw UserError(items_[item].where + ": id '" + items_[item].id + "' gives the tensor '" + name +
                    "', which another id gives too");
  }
  ++planned_[item];
  specs_.push_back({.name = std::move(name), .dtype = DType::f32, .shape = std::move(shape)});
}

/// Runs items from `first` on, of one kind, up to the tokens of a batch.
void EncodeRun::compute_from(std::size_t first) {
  std::vector<infer::Sequence> batch;
  std::size_t tokens = 0;
  std::size_t end = first;
  const bool choice = items_[first].is_choice;
  for (; end < items_.size() && items_[end].is_choice == choice && !computed_.contains(end); ++end) {
    std::size_t more = 0;
    for (const infer::Sequence& sequence : items_[end].sequences) more += sequence.ids.size();
    if (end > first && tokens + more > wants_.batch_tokens) break;
    tokens += more;
    for (infer::Sequence& sequence : items_[end].sequences) batch.push_back(std::move(sequence));
  }
  auto outputs = session_->run(batch, request_of(items_[first]));
  auto next = outputs.begin();
  for (std::size_t i = first; i < end; ++i) {
    const auto count = static_cast<std::ptrdiff_t>(items_[i].sequences.size());
    Computed& computed = computed_[i];
    computed.outputs.assign(std::make_move_iterator(next), std::make_move_iterator(next + count));
    computed.left = planned_[i];
    next += count;
  }
}

std::vector<float> EncodeRun::take(const std::string& name) {
  const auto found = places_.find(name);
  check_internal(found != places_.end(), "a tensor that was not planned");
  const Place place = found->second;
  if (!computed_.contains(place.item)) compute_from(place.item);
  Computed& computed = computed_.at(place.item);
  infer::Output& output = computed.outputs.front();
  std::vector<float> data;
  if (place.kind == Kind::last_hidden_state) {
    data = std::move(output.last_hidden_state.data);
  } else if (place.kind == Kind::hidden_state) {
    data = std::move(output.hidden_states[place.layer].data);
  } else if (place.kind == Kind::logits && !items_[place.item].is_choice) {
    data = std::move(output.logits.data);
  } else if (place.kind == Kind::logits) {
    for (const infer::Output& choice : computed.outputs) data.push_back(choice.logits.data.front());
  } else {
    data = column(output.logits, place.kind == Kind::start_logits ? 0 : 1);
  }
  if (--computed.left == 0) computed_.erase(place.item);
  return data;
}

}  // namespace berta::cli
