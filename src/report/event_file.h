#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "io/append_file.h"
#include "report/event_record.h"

namespace berta::report {

/// A TensorBoard event file. Each call hands whole records to the system, so a killed process leaves a
/// readable file. For one thread at a time.
class EventFile {
 public:
  /// A new file events.out.tfevents.TIME.HOST.PID.N in `folder`, which must exist; its name is later in order
  /// than those that are there, since TensorBoard reads them in that order. A resumed run gives
  /// `resumed_at`, the last step of its checkpoint: TensorBoard then drops what was written of later steps.
  /// Throws UserError "PATH: cannot create: ...".
  explicit EventFile(const std::string& folder, std::optional<std::int64_t> resumed_at = std::nullopt);

  /// Appends numbers of one step, in one event. Tags with a '/' are grouped by what is before it. Throws
  /// UserError "PATH: cannot write: ...".
  void add_scalars(std::int64_t step, std::span<const NamedValue> values);
  void add_scalar(std::int64_t step, std::string name, double value);

  /// Appends a text that TensorBoard shows as Markdown. Throws UserError as add_scalars.
  void add_markdown(std::int64_t step, const std::string& tag, std::string_view markdown);

  /// Appends a text that it shows as it stands: a command line, a configuration.
  void add_plain_text(std::int64_t step, const std::string& tag, std::string_view text);

  /// Waits until the disk has all. Throws UserError "PATH: cannot sync: ...".
  void sync() { file_.sync(); }

  const std::string& path() const { return file_.path(); }

 private:
  void append(std::string_view event);

  io::AppendFile file_;
};

}  // namespace berta::report
