#include "infer/config_keys.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "core/error.h"

namespace berta::infer {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  io::append_json_string(out, text);
  return out;
}

std::string printed(double value) {
  std::string out;
  io::append_json_number(out, value);
  return out;
}

std::string stripped_lower(std::string_view text) {
  const auto blank = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::vector<std::string> cut_at_bars(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('|', begin), text.size());
    words.push_back(stripped_lower(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return words;
}

}  // namespace

model::Activation parse_activation(std::string_view name, std::string_view what) {
  using model::Activation;
  constexpr std::array<std::pair<std::string_view, Activation>, 18> kNames = {{
      {"gelu", Activation::gelu},
      {"gelu_python", Activation::gelu},
      {"gelu_new", Activation::gelu_tanh},
      {"gelu_fast", Activation::gelu_tanh},
      {"gelu_pytorch_tanh", Activation::gelu_tanh},
      {"gelu_accurate", Activation::gelu_tanh},
      {"quick_gelu", Activation::quick_gelu},
      {"relu", Activation::relu},
      {"relu2", Activation::relu2},
      {"relu6", Activation::relu6},
      {"leaky_relu", Activation::leaky_relu},
      {"silu", Activation::silu},
      {"swish", Activation::silu},
      {"mish", Activation::mish},
      {"tanh", Activation::tanh},
      {"sigmoid", Activation::sigmoid},
      {"linear", Activation::identity},
      {"elu", Activation::elu},
  }};
  for (const auto& [known, activation] : kNames) {
    if (known == name) return activation;
  }
  std::string message(what);
  message += ": expected an activation such as gelu, relu, silu or tanh, found " + quoted(name);
  throw UserError(message);
}

std::string ConfigKeys::where(std::string_view key) const {
  return path_ + ": key '" + std::string(key) + "'";
}

const io::Json* ConfigKeys::find(const std::string& key) {
  read_.push_back(key);
  const io::Json* value = json_.find(key);
  return value != nullptr && value->is_null() ? nullptr : value;
}

void ConfigKeys::record(const std::string& key, std::string value, Origin origin) {
  entries_.push_back({key, std::move(value), origin});
}

std::vector<std::string> ConfigKeys::unread() const {
  std::vector<std::string> keys;
  if (!json_.is_object()) return keys;
  for (const auto& [key, value] : json_.as_object(path_)) {
    if (std::find(read_.begin(), read_.end(), key) == read_.end()) keys.push_back(key);
  }
  return keys;
}

std::optional<std::int64_t> ConfigKeys::find_integer(const std::string& key, std::int64_t low,
                                                     std::int64_t high) {
  const io::Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  const std::int64_t number = value->as_integer(where(key));
  if (number < low || number > high) {
    throw UserError(where(key) + ": expected an integer from " + std::to_string(low) + " to " +
                    std::to_string(high) + ", found " + std::to_string(number));
  }
  record(key, std::to_string(number), Origin::file);
  return number;
}

std::int64_t ConfigKeys::integer(const std::string& key, std::int64_t preset, std::int64_t low,
                                 std::int64_t high) {
  if (const auto value = find_integer(key, low, high)) return *value;
  record(key, std::to_string(preset), Origin::preset);
  return preset;
}

double ConfigKeys::number(const std::string& key, double preset, double low, double high) {
  const io::Json* value = find(key);
  const double number = value != nullptr ? value->as_number(where(key)) : preset;
  if (!(number >= low && number <= high)) {
    throw UserError(where(key) + ": expected a number from " + printed(low) + " to " + printed(high) +
                    ", found " + printed(number));
  }
  record(key, printed(number), value != nullptr ? Origin::file : Origin::preset);
  return number;
}

bool ConfigKeys::boolean(const std::string& key, bool preset) {
  const io::Json* value = find(key);
  const bool flag = value != nullptr ? value->as_bool(where(key)) : preset;
  record(key, flag ? "true" : "false", value != nullptr ? Origin::file : Origin::preset);
  return flag;
}

std::string ConfigKeys::text(const std::string& key, std::string_view preset) {
  const io::Json* value = find(key);
  std::string text(value != nullptr ? value->as_string(where(key)) : preset);
  record(key, quoted(text), value != nullptr ? Origin::file : Origin::preset);
  return text;
}

model::Activation ConfigKeys::activation(const std::string& key, std::string_view preset) {
  return parse_activation(text(key, preset), where(key));
}

std::optional<std::vector<std::string>> ConfigKeys::words(const std::string& key) {
  const io::Json* value = find(key);
  if (value == nullptr) return std::nullopt;
  std::vector<std::string> words;
  if (value->is_string()) {
    words = cut_at_bars(value->as_string(where(key)));
  } else {
    for (const io::Json& word : value->as_array(where(key))) words.push_back(word.as_string(where(key)));
  }
  std::string shown = "[";
  for (const std::string& word : words) shown += (shown.size() > 1 ? ", " : "") + quoted(word);
  record(key, shown + "]", Origin::file);
  return words;
}

}  // namespace berta::infer
