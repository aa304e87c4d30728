#define PCRE2_CODE_UNIT_WIDTH 8
#include "tokenizer/pattern.h"

#include <fmt/core.h>
#include <pcre2.h>

#include <cstdint>
#include <utility>

#include "core/error.h"
#include "core/utf8.h"

namespace berta::tokenizer {
namespace {

constexpr std::size_t kLongestExpression = 16'384;  // bytes, as written in the file
constexpr std::uint32_t kMatchLimit = 500'000;      // steps of one match; ordinary ones take dozens
constexpr std::uint32_t kHeapLimit = 64 * 1024;     // KiB of one match
constexpr std::size_t kJitStack = 8u << 20;         // bytes a thread
constexpr std::size_t kSmallJitStack = 32u << 10;   // what it begins with

struct Deleter {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
  void operator()(pcre2_jit_stack* stack) const { pcre2_jit_stack_free(stack); }
};

std::string message_of(int error) {
  PCRE2_UCHAR text[160];
  pcre2_get_error_message(error, text, sizeof text);
  return reinterpret_cast<const char*>(text);
}

/// The stack that compiled expressions use instead of the thread's own small one.
pcre2_jit_stack* jit_stack(void*) {
  thread_local std::unique_ptr<pcre2_jit_stack, Deleter> stack(
      pcre2_jit_stack_create(kSmallJitStack, kJitStack, nullptr));
  return stack.get();
}

/// A text in UTF-8 and the way back to its code points.
struct Subject {
  std::string bytes;
  std::vector<std::size_t> starts;  ///< of each code point, and the end

  explicit Subject(std::u32string_view text) {
    bytes.reserve(text.size());
    starts.reserve(text.size() + 1);
    for (const char32_t c : text) {
      starts.push_back(bytes.size());
      append_utf8(bytes, c);
    }
    starts.push_back(bytes.size());
  }
};

class Regex : public Pattern {
 public:
  Regex(std::string_view expression, const std::string& where) : where_(where) {
    if (expression.size() > kLongestExpression) {
      throw UserError(fmt::format("{}: expected a regular expression of at most {} bytes, found {}", where,
                                  kLongestExpression, expression.size()));
    }
    const std::string translated = translate_expression(expression, where);
    int error = 0;
    std::size_t offset = 0;
    const std::uint32_t flags =
        PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_DUPNAMES | PCRE2_NEVER_BACKSLASH_C;
    code_.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(), flags,
                              &error, &offset, nullptr));
    if (!code_) {
      throw UserError(fmt::format("{}: expected a regular expression, found one that does not compile: {}",
                                  where, message_of(error)));
    }
    pcre2_jit_compile(code_.get(), PCRE2_JIT_COMPLETE);  // without it matching is slower, not different
    context_.reset(pcre2_match_context_create(nullptr));
    if (!context_) throw std::bad_alloc();
    pcre2_set_match_limit(context_.get(), kMatchLimit);
    pcre2_set_heap_limit(context_.get(), kHeapLimit);
    pcre2_jit_stack_assign(context_.get(), jit_stack, nullptr);
  }

  std::vector<PatternMatch> find_all(std::u32string_view text) const override {
    const Subject subject(text);
    const std::unique_ptr<pcre2_match_data, Deleter> data(pcre2_match_data_create(1, nullptr));
    if (!data) throw std::bad_alloc();
    std::vector<PatternMatch> matches;
    std::size_t index = 0;  // code point at or before the byte last asked for
    const auto code_point = [&](std::size_t byte) {
      while (subject.starts[index] < byte) ++index;
      return index;
    };
    std::size_t from = 0;
    std::size_t last_end = std::string::npos;
    while (search(subject.bytes, from, data.get())) {
      const std::size_t* range = pcre2_get_ovector_pointer(data.get());
      // \K in a look-around can give ranges that run backwards or into the last match.
      if (range[1] < range[0] || range[0] < from || range[1] > subject.bytes.size()) break;
      if (range[0] == range[1] && range[1] == last_end) {
        // An empty match right behind another one does not count.
        if (from >= subject.bytes.size()) break;
        from = subject.starts[code_point(from) + 1];
        continue;
      }
      const std::size_t begin = code_point(range[0]);
      matches.push_back({begin, code_point(range[1])});
      from = last_end = range[1];
    }
    return matches;
  }

 private:
  bool search(const std::string& bytes, std::size_t from, pcre2_match_data* data) const {
    const auto subject = reinterpret_cast<PCRE2_SPTR>(bytes.data());
    int found =
        pcre2_match(code_.get(), subject, bytes.size(), from, PCRE2_NO_UTF_CHECK, data, context_.get());
    if (found == PCRE2_ERROR_JIT_STACKLIMIT) {
      found = pcre2_match(code_.get(), subject, bytes.size(), from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, data,
                          context_.get());
    }
    if (found == PCRE2_ERROR_NOMATCH) return false;
    if (found >= 0) return true;
    throw UserError(
        fmt::format("{}: expected a regular expression that texts match in at most {} steps, found "
                    "one that a text takes more of ({})",
                    where_, kMatchLimit, message_of(found)));
  }

  std::string where_;
  std::unique_ptr<pcre2_code, Deleter> code_;
  std::unique_ptr<pcre2_match_context, Deleter> context_;
};

class Literal : public Pattern {
 public:
  explicit Literal(std::u32string text) : text_(std::move(text)) {}

  std::vector<PatternMatch> find_all(std::u32string_view text) const override {
    std::vector<PatternMatch> matches;
    if (text_.empty()) {
      for (std::size_t i = 0; i <= text.size(); ++i) matches.push_back({i, i});
      return matches;
    }
    for (std::size_t at = text.find(text_); at != std::u32string_view::npos; at = text.find(text_, at)) {
      matches.push_back({at, at + text_.size()});
      at += text_.size();
    }
    return matches;
  }

 private:
  std::u32string text_;
};

}  // namespace

std::shared_ptr<const Pattern> literal_pattern(std::u32string text) {
  return std::make_shared<Literal>(std::move(text));
}

std::shared_ptr<const Pattern> regex_pattern(std::string_view expression, const std::string& where) {
  return std::make_shared<Regex>(expression, where);
}

}  // namespace berta::tokenizer
