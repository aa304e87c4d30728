#include <fmt/core.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "tokenizer/categories.h"
#include "tokenizer/pattern.h"

namespace berta::tokenizer {
namespace {

struct Name {
  std::string_view written;
  std::string_view meant;
};

/// Long names of general categories and groups, without blanks, '_' and '-', in lower case.
constexpr Name kCategoryNames[] = {{"letter", "L"},
                                   {"mark", "M"},
                                   {"number", "N"},
                                   {"punctuation", "P"},
                                   {"symbol", "S"},
                                   {"separator", "Z"},
                                   {"other", "C"},
                                   {"uppercaseletter", "Lu"},
                                   {"lowercaseletter", "Ll"},
                                   {"titlecaseletter", "Lt"},
                                   {"modifierletter", "Lm"},
                                   {"otherletter", "Lo"},
                                   {"nonspacingmark", "Mn"},
                                   {"spacingmark", "Mc"},
                                   {"enclosingmark", "Me"},
                                   {"decimalnumber", "Nd"},
                                   {"letternumber", "Nl"},
                                   {"othernumber", "No"},
                                   {"any", "Any"}};

/// Properties of code points that are no scripts, in the same spelling.
constexpr Name kPropertyNames[] = {
    {"alpha", "alphabetic"},    {"alphabetic", "alphabetic"},   {"upper", "uppercase"},
    {"uppercase", "uppercase"}, {"lower", "lowercase"},         {"lowercase", "lowercase"},
    {"emoji", "emoji"},         {"ideographic", "ideographic"}, {"math", "math"}};

/// Reads one expression and writes it for PCRE2.
class Translator {
 public:
  Translator(std::string_view in, const std::string& where) : in_(in), where_(where) {}

  std::string run() {
    while (at_ < in_.size()) {
      switch (in_[at_]) {
        case '\\':
          escape();
          break;
        case '[':
          bracket();
          break;
        case '(':
          group();
          break;
        case '{':
          repeat();
          break;
        default:
          out_ += in_[at_++];
      }
    }
    return std::move(out_);
  }

 private:
  [[noreturn]] void fail(std::string_view found) const {
    throw UserError(
        fmt::format("{}: expected a regular expression that this program knows, found {} at byte {}", where_,
                    found, at_));
  }

  char peek(std::size_t ahead = 0) const { return at_ + ahead < in_.size() ? in_[at_ + ahead] : '\0'; }
  static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

  static void append_ranges(std::string& out, const CodePointRanges& ranges) {
    for (const auto& [begin, end] : ranges) {
      out += fmt::format("\\x{{{:X}}}", static_cast<std::uint32_t>(begin));
      if (end > begin) out += fmt::format("-\\x{{{:X}}}", static_cast<std::uint32_t>(end));
    }
  }

  /// The set that an escape at `at_` (behind the backslash) stands for, and moves past it; nothing if it is
  /// none that has ranges of its own.
  std::optional<CodePointRanges> set() {
    const char letter = peek();
    CodePointRanges ranges;
    switch (letter) {
      case 'w':
      case 'W':
        ranges = word_ranges();
        break;
      case 'd':
      case 'D':
        ranges = digit_ranges();
        break;
      case 's':
      case 'S':
        ranges = space_ranges();
        break;
      case 'h':
      case 'H':
        ranges = {{'0', '9'}, {'A', 'F'}, {'a', 'f'}};
        break;
      case 'v':
        ranges = {{0x0B, 0x0B}};
        break;
      default:
        return std::nullopt;
    }
    ++at_;
    return letter <= 'Z' ? complement(std::move(ranges)) : ranges;
  }

  /// \p{Name}, \P{Name}, \p{^Name} at `at_`: its ranges, or the text for PCRE2 in `text`.
  CodePointRanges property(std::string& text) {
    bool negated = in_[at_] == 'P';
    const std::size_t close = in_.find('}', at_);
    if (close == std::string_view::npos) fail("a property without '}'");
    std::string_view written = in_.substr(at_ + 2, close - at_ - 2);
    if (!written.empty() && written[0] == '^') {
      negated = !negated;
      written.remove_prefix(1);
    }
    std::string name;
    for (const char c : written) {
      if (c != ' ' && c != '_' && c != '-') name += is_letter(c) ? static_cast<char>(c | 0x20) : c;
    }
    CodePointRanges ranges = known_ranges(name);
    if (ranges.empty()) {
      if (name.empty() || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz") != std::string::npos) {
        fail(fmt::format("the property '{}'", written));
      }
      std::string meant = "sc:" + name;  // the script alone, as oniguruma has it
      for (const Name& other : kPropertyNames) {
        if (other.written == name) meant = other.meant;
      }
      text = fmt::format("\\{}{{{}}}", negated ? 'P' : 'p', meant);
    }
    at_ = close + 1;
    return negated && !ranges.empty() ? complement(std::move(ranges)) : ranges;
  }

  static CodePointRanges known_ranges(std::string name) {
    if (name == "word") return word_ranges();
    if (name == "digit") return digit_ranges();
    if (name == "space") return space_ranges();
    if (auto script = script_ranges(name)) return *std::move(script);
    for (const Name& category : kCategoryNames) {
      if (category.written == name) name = category.meant;
    }
    if (name.size() <= 2 && !name.empty()) name[0] = static_cast<char>(name[0] & ~0x20);
    return category_ranges(name).value_or(CodePointRanges{});
  }

  /// True if PCRE2 reads the escape at `at_` as oniguruma: anchors, \R, \X, and references by name.
  bool stands_alike() const {
    const bool reference = peek() == 'k' || peek() == 'g';
    if (reference) return peek(1) == '<' || peek(1) == '\'';
    return peek() != '\0' && std::string_view("AZzGKRXbBN").find(peek()) != std::string_view::npos;
  }

  void escape() {
    ++at_;
    if (at_ >= in_.size()) fail("a backslash at the end");
    if ((peek() == 'p' || peek() == 'P') && peek(1) == '{') {
      std::string text;
      const CodePointRanges ranges = property(text);
      append_set(ranges, text);
    } else if (const auto ranges = set()) {
      append_set(*ranges, "");
    } else if (peek() == 'O') {
      ++at_;
      out_ += "(?s:.)";
    } else if (stands_alike()) {
      out_ += '\\';
      out_ += in_[at_++];
    } else {
      character_escape(out_);
    }
  }

  void append_set(const CodePointRanges& ranges, std::string_view text) {
    if (!text.empty()) {
      out_ += text;
      return;
    }
    out_ += '[';
    append_ranges(out_, ranges);
    out_ += ']';
  }

  /// An escape that stands for one character, the same inside and outside of classes.
  void character_escape(std::string& out) {
    const char letter = peek();
    if (letter == 'u') {
      const std::string_view digits = in_.substr(at_ + 1, 4);
      if (digits.size() < 4 || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) {
        fail("'\\u' without four hexadecimal digits");
      }
      out += fmt::format("\\x{{{}}}", digits);
      at_ += 5;
    } else if (letter == 'y' || letter == 'Y' || letter == 'C' || letter == 'M') {
      fail(fmt::format("the escape '\\{}'", letter));
    } else if (is_letter(letter) && std::string_view("xctnrfaeo").find(letter) == std::string_view::npos) {
      out += letter;  // oniguruma: the letter itself
      ++at_;
    } else {
      out += '\\';
      out += in_[at_++];
    }
  }

  /// [...] with its sets written out.
  void bracket() {
    out_ += in_[at_++];
    if (peek() == '^') out_ += in_[at_++];
    if (peek() == ']') {
      out_ += "\\]";
      ++at_;
    }
    while (peek() != ']') {
      if (at_ >= in_.size()) fail("a class without ']'");
      if (in_[at_] == '[') {
        if (peek(1) != ':') fail("a class inside a class");
        const std::size_t close = in_.find(":]", at_ + 2);
        if (close == std::string_view::npos) fail("a class inside a class");
        out_ += in_.substr(at_, close + 2 - at_);
        at_ = close + 2;
      } else if (in_[at_] == '&' && peek(1) == '&') {
        fail("'&&' inside a class");
      } else if (in_[at_] == '\\') {
        bracket_escape();
      } else {
        out_ += in_[at_++];
      }
    }
    out_ += in_[at_++];
  }

  void bracket_escape() {
    ++at_;
    if (at_ >= in_.size()) fail("a backslash at the end");
    if ((peek() == 'p' || peek() == 'P') && peek(1) == '{') {
      std::string text;
      append_ranges(out_, property(text));
      out_ += text;
    } else if (const auto ranges = set()) {
      append_ranges(out_, *ranges);
    } else if (peek() == 'b') {
      out_ += "\\b";
      ++at_;
    } else {
      character_escape(out_);
    }
  }

  /// (?...) with oniguruma's option letters: i and x are the same, m is PCRE2's s.
  void group() {
    if (peek(1) == '*') fail("'(*'");
    if (peek(1) != '?') {
      out_ += in_[at_++];
      return;
    }
    const char kind = peek(2);
    if (kind == '~' || kind == '@' || kind == '{' || kind == 'P' || kind == 'C' || kind == 'R' ||
        kind == '|') {
      fail(fmt::format("'(?{}'", kind));
    }
    if (kind == '#') {
      const std::size_t close = in_.find(')', at_);
      if (close == std::string_view::npos) fail("a comment without ')'");
      at_ = close + 1;
      return;
    }
    out_ += "(?";
    at_ += 2;
    if (!is_letter(kind) && kind != '-') return;
    for (; is_letter(peek()) || peek() == '-'; ++at_) {
      const char option = peek();
      if (option != 'i' && option != 'x' && option != 'm' && option != '-') {
        fail(fmt::format("the option '{}'", option));
      }
      out_ += option == 'm' ? 's' : option;
    }
  }

  /// {,n} means {0,n}.
  void repeat() {
    out_ += in_[at_++];
    if (peek() == ',' && peek(1) >= '0' && peek(1) <= '9') out_ += '0';
  }

  std::string_view in_;
  const std::string& where_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string translate_expression(std::string_view expression, const std::string& where) {
  return Translator(expression, where).run();
}

}  // namespace berta::tokenizer
