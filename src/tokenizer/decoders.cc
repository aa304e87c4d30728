#include "tokenizer/decoders.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "core/utf8.h"

namespace berta::tokenizer {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  if (from.empty()) return;
  std::string out;
  std::size_t end = 0;
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, end)) {
    out.append(text, end, at - end).append(to);
    end = at + from.size();
  }
  if (end == 0) return;
  out.append(text, end);
  text = std::move(out);
}

std::string join(const std::vector<std::string>& tokens) {
  std::string out;
  for (const std::string& token : tokens) out += token;
  return out;
}

/// The list of tokenizers' WordPiece decoder, which is not quite that of transformers.
void clean_up(std::string& text) {
  replace_all(text, " .", ".");
  replace_all(text, " ?", "?");
  replace_all(text, " !", "!");
  replace_all(text, " ,", ",");
  replace_all(text, " ' ", "'");
  replace_all(text, " n't", "n't");
  replace_all(text, " 'm", "'m");
  replace_all(text, " do not", " don't");
  replace_all(text, " 's", "'s");
  replace_all(text, " 've", "'ve");
  replace_all(text, " 're", "'re");
}

/// The byte that a token <0xNN> stands for.
std::optional<char> fallback_byte(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') return std::nullopt;
  unsigned byte = 0;
  for (std::size_t i = 3; i < 5; ++i) {
    const char c = token[i];
    const bool digit = c >= '0' && c <= '9', upper = c >= 'A' && c <= 'F', lower = c >= 'a' && c <= 'f';
    // Rust's from_str_radix takes a sign in front of digits.
    if (i == 3 && c == '+') continue;
    if (!digit && !upper && !lower) return std::nullopt;
    byte = byte * 16 + static_cast<unsigned>(digit ? c - '0' : (c | 0x20) - 'a' + 10);
  }
  return static_cast<char>(byte);
}

}  // namespace

std::string ChainDecoder::decode(const std::vector<std::string>& tokens) const {
  std::vector<std::string> chain = tokens;
  decode_chain(chain);
  return join(chain);
}

void DecoderSequence::decode_chain(std::vector<std::string>& tokens) const {
  for (const auto& part : parts_) part->decode_chain(tokens);
}

void WordPieceDecoder::decode_chain(std::vector<std::string>& tokens) const {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0) {
      if (tokens[i].starts_with(prefix_)) {
        tokens[i].erase(0, prefix_.size());
      } else {
        tokens[i].insert(0, 1, ' ');
      }
    }
    if (cleanup_) clean_up(tokens[i]);
  }
}

void BpeDecoder::decode_chain(std::vector<std::string>& tokens) const {
  for (std::size_t i = 0; i < tokens.size(); ++i)
    replace_all(tokens[i], suffix_, i + 1 < tokens.size() ? " " : "");
}

void ByteFallbackDecoder::decode_chain(std::vector<std::string>& tokens) const {
  std::vector<std::string> out;
  std::string bytes;
  const auto flush = [&] {
    if (!find_invalid_utf8(bytes)) {
      if (!bytes.empty()) out.push_back(bytes);
    } else {
      out.insert(out.end(), bytes.size(), "\xEF\xBF\xBD");
    }
    bytes.clear();
  };
  for (std::string& token : tokens) {
    if (const auto byte = fallback_byte(token)) {
      bytes.push_back(*byte);
    } else {
      flush();
      out.push_back(std::move(token));
    }
  }
  flush();
  tokens = std::move(out);
}

void FuseDecoder::decode_chain(std::vector<std::string>& tokens) const {
  tokens.assign(1, join(tokens));
}

void StripDecoder::decode_chain(std::vector<std::string>& tokens) const {
  for (std::string& token : tokens) {
    const std::u32string text = decode_utf8(token);
    std::size_t begin = 0;
    while (begin < text.size() && begin < start_ && text[begin] == content_) ++begin;
    std::size_t end = text.size();
    while (end > 0 && text.size() - end < stop_ && text[end - 1] == content_) --end;
    token = begin < end ? encode_utf8(std::u32string_view(text).substr(begin, end - begin)) : "";
  }
}

void ReplaceDecoder::decode_chain(std::vector<std::string>& tokens) const {
  for (std::string& token : tokens) {
    const std::u32string text = decode_utf8(token);
    const std::vector<PatternMatch> matches = pattern_->find_all(text);
    if (matches.empty()) continue;
    std::string out;
    std::size_t end = 0;
    for (const PatternMatch& match : matches) {
      out += encode_utf8(std::u32string_view(text).substr(end, match.begin - end));
      out += content_;
      end = match.end;
    }
    token = out + encode_utf8(std::u32string_view(text).substr(end));
  }
}

}  // namespace berta::tokenizer
