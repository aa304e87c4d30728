#include "data/preference.h"

#include "core/error.h"
#include "data/json_records.h"

namespace berta::data {

std::vector<Preference> read_preferences(const std::string& path, std::size_t max_samples) {
  JsonRecords records(open_lines(path));
  std::vector<Preference> pairs;
  io::Json record;
  while (pairs.size() < max_samples && records.next(record)) {
    const std::string where = records.where();
    pairs.push_back({.prompt = optional_text_at(record, {"prompt"}, where).value_or(""),
                     .chosen = text_at(record, {"chosen"}, where),
                     .rejected = text_at(record, {"rejected"}, where)});
  }
  if (pairs.empty()) throw UserError(path + ": expected chosen and rejected texts, found none");
  return pairs;
}

}  // namespace berta::data
