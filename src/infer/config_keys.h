#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "infer/config_reader.h"
#include "model/activation.h"

namespace berta::infer {

/// Typed reading of one JSON object's keys; remembers each for `inspect`. Errors name file and key.
class ConfigKeys {
 public:
  ConfigKeys(const io::Json& json, std::string path) : json_(json), path_(std::move(path)) {}

  /// The key's value, or nothing where it is absent or null. Throws UserError outside [low, high].
  std::optional<std::int64_t> find_integer(const std::string& key, std::int64_t low, std::int64_t high);
  std::int64_t integer(const std::string& key, std::int64_t preset, std::int64_t low, std::int64_t high);
  double number(const std::string& key, double preset, double low, double high);
  bool boolean(const std::string& key, bool preset);
  std::string text(const std::string& key, std::string_view preset);
  model::Activation activation(const std::string& key, std::string_view preset);
  /// A list of strings, or one string cut at '|' (lower-cased, stripped); nothing where absent or null.
  std::optional<std::vector<std::string>> words(const std::string& key);

  /// "PATH: key 'KEY'".
  std::string where(std::string_view key) const;
  /// The member, or nullptr where absent or null; counts as read.
  const io::Json* find(const std::string& key);
  void record(const std::string& key, std::string value, Origin origin);

  std::vector<ConfigEntry> take_entries() { return std::move(entries_); }
  /// Keys of the object that were never asked for.
  std::vector<std::string> unread() const;

 private:
  const io::Json& json_;
  std::string path_;
  std::vector<ConfigEntry> entries_;
  std::vector<std::string> read_;
};

/// "gelu", "gelu_new", "silu", ...; `what` names the place in the error.
model::Activation parse_activation(std::string_view name, std::string_view what);

}  // namespace berta::infer
