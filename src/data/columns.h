#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace berta::data {

/// Which columns (or JSON keys) hold what. Each is a name, or in a table the number of a column from 1.
/// Empty: a usual name is looked for, see choose_columns().
struct ColumnChoice {
  std::string text{};
  std::string text_pair{};  ///< looked for only where `text` is empty too
  std::string label{};
  std::string weight{};  ///< none where empty
};

enum class Header : std::uint8_t { automatic, yes, no };

/// Places in the list that they were chosen from.
struct ColumnPlaces {
  std::size_t text = 0;
  std::size_t label = 0;
  std::optional<std::size_t> text_pair{};
  std::optional<std::size_t> weight{};

  std::size_t most() const;  ///< the largest of them
};

/// "3" as 2: columns count from 1. Nothing for anything else.
std::optional<std::size_t> column_number(std::string_view column);

/// Whether the first row of a table holds names; automatic: if a column is chosen by name, if the cell of the
/// label's column is a usual name of a label, or if no text column is chosen and there is a usual name of
/// one.
bool is_header(std::span<const std::string> first_row, const ColumnChoice& choice, Header header);

/// The places of the chosen columns. Letters A-Z are equal to a-z in usual names, not in chosen ones. Usual
/// names, the first that is there: sentence1 + sentence2, premise + hypothesis, question1 + question2,
/// question + sentence, query + document and a few more pairs, else text, sentence, premise, question ...;
/// label, labels, gold_label, score and the like.
/// `numbers`: whether "3" is the third column. `where` begins the errors.
/// Throws UserError "WHERE: expected a column named \"x\", found \"a\", \"b\"".
ColumnPlaces choose_columns(std::span<const std::string> names, const ColumnChoice& choice, bool numbers,
                            const std::string& where);

/// The same for a table without header, where each column must be chosen by number.
ColumnPlaces choose_numbers(std::span<const std::string> first_row, const ColumnChoice& choice,
                            const std::string& where);

}  // namespace berta::data
