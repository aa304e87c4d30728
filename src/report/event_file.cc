#include "report/event_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <utility>

#include "io/folder.h"

namespace berta::report {
namespace {

constexpr std::string_view kPrefix = "events.out.tfevents.";
constexpr std::int64_t kLastTime = 9'999'999'999;  // names with more digits sort elsewhere

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// The time in the name of an event file; 0 for other files.
std::int64_t time_of(std::string_view name) {
  if (!name.starts_with(kPrefix)) return 0;
  name.remove_prefix(kPrefix.size());
  std::int64_t time = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), time);
  return error == std::errc() && time < kLastTime ? time : 0;
}

/// Two files of one second would be ordered by their process numbers.
std::int64_t free_time(const std::string& folder, std::int64_t time) {
  std::error_code error;  // of a folder that can't be listed: creating the file tells
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    time = std::max(time, time_of(entry->path().filename().native()) + 1);
  }
  return time;
}

io::AppendFile create_in(const std::string& folder, double wall_time) {
  static std::atomic<unsigned> counter{0};
  return io::AppendFile::create(io::join(
      folder,
      fmt::format("{}{:010d}.{}.{}.{}", kPrefix, free_time(folder, static_cast<std::int64_t>(wall_time)),
                  io::host_name(), io::process_id(), counter.fetch_add(1))));
}

}  // namespace

EventFile::EventFile(const std::string& folder, std::optional<std::int64_t> resumed_at)
    : file_(create_in(folder, now())) {
  append(version_event(now()));
  append(start_event(now(), resumed_at ? *resumed_at + 1 : 0));
}

void EventFile::append(std::string_view event) {
  file_.append(framed(event));
}

void EventFile::add_scalars(std::int64_t step, std::span<const NamedValue> values) {
  append(scalars_event(now(), step, values));
}

void EventFile::add_scalar(std::int64_t step, std::string name, double value) {
  const NamedValue one{.name = std::move(name), .value = value};
  add_scalars(step, std::span(&one, 1));
}

void EventFile::add_markdown(std::int64_t step, const std::string& tag, std::string_view markdown) {
  append(text_event(now(), step, tag, markdown));
}

void EventFile::add_plain_text(std::int64_t step, const std::string& tag, std::string_view text) {
  std::string code = "    ";  // indented code; unlike a fence, nothing in the text can end it
  for (const char c : text) {
    code += c;
    if (c == '\n') code += "    ";
  }
  add_markdown(step, tag, code);
}

}  // namespace berta::report
