#include "cli/record.h"

#include <limits>

#include "core/error.h"
#include "core/utf8.h"

namespace berta::cli {
namespace {

std::string name_key(const std::string& where, std::string_view key) {
  return where + ": key '" + std::string(key) + "'";
}

const io::Json& member(const Record& record, std::string_view key) {
  const io::Json* found = record.json.find(key);
  if (found == nullptr)
    throw UserError(record.where + ": expected a key '" + std::string(key) + "', found none");
  return *found;
}

}  // namespace

bool Record::has(std::string_view key) const {
  const io::Json* found = json.find(key);
  return found != nullptr && !found->is_null();
}

const std::string& Record::text(std::string_view key) const {
  return member(*this, key).as_string(name_key(where, key));
}

std::optional<std::string> Record::find_text(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return text(key);
}

std::vector<std::string> Record::texts(std::string_view key) const {
  const std::string what = name_key(where, key);
  std::vector<std::string> texts;
  for (const io::Json& item : member(*this, key).as_array(what)) {
    texts.push_back(item.as_string(what + " element " + std::to_string(texts.size())));
  }
  return texts;
}

std::vector<std::int32_t> Record::integers(std::string_view key) const {
  return read_integers(member(*this, key), name_key(where, key));
}

std::string Record::id_text() const {
  const io::Json* id = json.find("id");
  if (id == nullptr || id->is_null()) return "";
  if (id->is_integer()) return std::to_string(id->as_integer(where));
  return id->as_string(name_key(where, "id"));
}

std::string Record::id_json() const {
  const io::Json* id = json.find("id");
  if (id == nullptr || id->is_null()) return "";
  const std::string plain = id_text();
  if (id->is_integer()) return plain;
  std::string quoted;
  io::append_json_string(quoted, plain);
  return quoted;
}

Record make_text_record(std::string_view key, std::string_view text, std::string where, std::size_t number) {
  io::Json::Object object;
  object.emplace_back(key, io::Json(std::string(text)));
  return {.json = io::Json(std::move(object)),
          .where = std::move(where),
          .number = number,
          .bytes = text.size() + 1};
}

std::vector<Record> make_argument_records(std::string_view key, const std::vector<std::string>& texts) {
  std::vector<Record> records;
  for (const std::string& text : texts) {
    const std::size_t number = records.size() + 1;
    const std::string where = "argument " + std::to_string(number);
    if (const auto bad = find_invalid_utf8(text)) {
      throw UserError(where + ": invalid UTF-8 at byte " + std::to_string(*bad + 1));
    }
    records.push_back(make_text_record(key, text, where, number));
  }
  return records;
}

std::size_t estimate_tokens(const io::Json& json) {
  std::size_t tokens = 1;
  if (json.is_string()) return 1 + json.as_string("").size() / 4;
  if (json.is_array()) {
    for (const io::Json& item : json.as_array("")) tokens += estimate_tokens(item);
  } else if (json.is_object()) {
    for (const auto& [key, item] : json.as_object("")) tokens += estimate_tokens(item);
  }
  return tokens;
}

std::vector<std::int32_t> read_integers(const io::Json& json, const std::string& what) {
  std::vector<std::int32_t> integers;
  const auto& array = json.as_array(what);
  integers.reserve(array.size());
  for (const io::Json& item : array) {
    const std::string place = what + " element " + std::to_string(integers.size());
    const std::int64_t value = item.as_integer(place);
    if (value < std::numeric_limits<std::int32_t>::min() ||
        value > std::numeric_limits<std::int32_t>::max()) {
      throw UserError(place + ": expected an integer of 32 bits, found " + std::to_string(value));
    }
    integers.push_back(static_cast<std::int32_t>(value));
  }
  return integers;
}

}  // namespace berta::cli
