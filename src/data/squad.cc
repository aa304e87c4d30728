#include "data/squad.h"

#include <algorithm>
#include <unordered_set>
#include <utility>
#include <variant>

#include "core/error.h"
#include "core/utf8.h"
#include "data/json_records.h"
#include "io/quote.h"

namespace berta::data {
namespace {

using io::Json;

/// Takes the value of a key out of an object; null where there is none.
Json take(Json::Object& object, std::string_view key) {
  for (auto& [name, value] : object) {
    if (name == key) return std::move(value);
  }
  return Json();
}

Json::Object take_object(Json& json, const std::string& what) {
  json.as_object(what);
  return std::get<Json::Object>(json.release());
}

Json::Array take_array(Json json, const std::string& what) {
  json.as_array(what);
  return std::get<Json::Array>(json.release());
}

std::string take_text(Json json, const std::string& what) {
  json.as_string(what);
  return std::get<std::string>(json.release());
}

std::string entry(const std::string& where, const char* key, std::size_t index) {
  return where + "." + key + "[" + std::to_string(index) + "]";
}

/// The bytes where the code points of a text begin, and its end.
std::vector<std::size_t> code_point_places(std::string_view text) {
  std::vector<std::size_t> places;
  for (std::size_t position = 0; position < text.size();) {
    places.push_back(position);
    next_code_point(text, position);
  }
  places.push_back(text.size());
  return places;
}

class Reader {
 public:
  Reader(const std::string& path, const SquadOptions& options) : path_(path), options_(options) {}

  SquadData read() {
    Json file = read_json_file(path_);
    Json::Object top = take_object(file, path_);
    Json::Array articles = take_array(take(top, "data"), path_ + ": key 'data'");
    for (std::size_t i = 0; i < articles.size() && !full(); ++i) {
      // Taken apart one by one: what has been read is not held as JSON too.
      read_article(std::move(articles[i]), path_ + ": data[" + std::to_string(i) + "]");
    }
    if (data_.questions.empty()) throw UserError(path_ + ": expected questions, found none");
    return std::move(data_);
  }

 private:
  bool full() const { return data_.questions.size() >= options_.max_samples; }

  void read_article(Json json, const std::string& where) {
    Json::Object article = take_object(json, where);
    Json::Array paragraphs = take_array(take(article, "paragraphs"), where + ".paragraphs");
    for (std::size_t i = 0; i < paragraphs.size() && !full(); ++i) {
      read_paragraph(std::move(paragraphs[i]), entry(where, "paragraphs", i));
    }
  }

  void read_paragraph(Json json, const std::string& where) {
    Json::Object paragraph = take_object(json, where);
    data_.contexts.push_back(take_text(take(paragraph, "context"), where + ".context"));
    places_ = code_point_places(data_.contexts.back());
    Json::Array questions = take_array(take(paragraph, "qas"), where + ".qas");
    for (std::size_t i = 0; i < questions.size() && !full(); ++i) {
      read_question(std::move(questions[i]), entry(where, "qas", i));
    }
  }

  void read_question(Json json, const std::string& where) {
    Json::Object fields = take_object(json, where);
    SquadQuestion question{.id = take_text(take(fields, "id"), where + ".id"),
                           .question = take_text(take(fields, "question"), where + ".question"),
                           .context = data_.contexts.size() - 1};
    const std::string name = path_ + ": question " + io::quoted(question.id);
    if (!ids_.insert(question.id).second) throw UserError(name + ": expected each id once, found it twice");
    const Json impossible = take(fields, "is_impossible");
    question.impossible = !impossible.is_null() && impossible.as_bool(name + ": is_impossible");
    Json answers = take(fields, "answers");
    if (!(answers.is_null() && question.impossible)) {
      read_answers(take_array(std::move(answers), name + ": answers"), name, question);
    }
    if (question.impossible || !question.answers.empty()) {
      data_.questions.push_back(std::move(question));
    } else if (options_.skip_wrong_answers) {
      ++data_.skipped_questions;
    } else {
      throw UserError(name + ": expected an answer, found none");
    }
  }

  void read_answers(Json::Array answers, const std::string& name, SquadQuestion& question) {
    if (question.impossible && !answers.empty()) {
      throw UserError(name + ": expected no answers of an impossible question, found " +
                      std::to_string(answers.size()));
    }
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const std::string where = name + ": answer " + std::to_string(i + 1);
      Json::Object fields = take_object(answers[i], where);
      std::string text = take_text(take(fields, "text"), where + ": text");
      const std::int64_t begin = take(fields, "answer_start").as_integer(where + ": answer_start");
      const std::string problem = disagreement(text, begin);
      if (problem.empty()) {
        question.answers.push_back({.text = std::move(text), .begin = static_cast<std::size_t>(begin)});
      } else if (options_.skip_wrong_answers) {
        ++data_.skipped_answers;
      } else {
        throw UserError(where + ": " + problem);
      }
    }
  }

  /// What is wrong with an answer to the last context; empty if nothing is.
  std::string disagreement(std::string_view text, std::int64_t begin) const {
    if (text.empty()) return "expected a text, found an empty one";
    const std::size_t length = places_.size() - 1;
    if (begin < 0 || static_cast<std::uint64_t>(begin) >= length) {
      return "expected a start below the " + std::to_string(length) + " code points of the context, found " +
             std::to_string(begin);
    }
    const std::string_view context = data_.contexts.back();
    const std::size_t place = places_[static_cast<std::size_t>(begin)];
    const std::string_view found = context.substr(place, text.size());
    if (found == text) return {};
    return "expected " + io::quoted(text) + " at code point " + std::to_string(begin) +
           " of the context, found " + io::quoted(found);
  }

  const std::string& path_;
  const SquadOptions& options_;
  SquadData data_;
  std::vector<std::size_t> places_;  ///< of the last context
  std::unordered_set<std::string> ids_;
};

}  // namespace

SquadData read_squad(const std::string& path, const SquadOptions& options) {
  return Reader(path, options).read();
}

}  // namespace berta::data
