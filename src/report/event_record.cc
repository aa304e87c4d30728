#include "report/event_record.h"

#include <bit>
#include <cmath>
#include <limits>

#include "io/crc32c.h"
#include "report/proto_writer.h"

namespace berta::report {
namespace {

// Field numbers of tensorboard/compat/proto/{event,summary,tensor}.proto.
namespace event {
constexpr std::uint32_t kWallTime = 1;
constexpr std::uint32_t kStep = 2;
constexpr std::uint32_t kFileVersion = 3;
constexpr std::uint32_t kSummary = 5;
constexpr std::uint32_t kSessionLog = 7;
}  // namespace event
namespace summary {
constexpr std::uint32_t kValue = 1;
}
namespace value {
constexpr std::uint32_t kTag = 1;
constexpr std::uint32_t kSimpleValue = 2;
constexpr std::uint32_t kTensor = 8;
constexpr std::uint32_t kMetadata = 9;
}  // namespace value
namespace metadata {
constexpr std::uint32_t kPluginData = 1;
constexpr std::uint32_t kPluginName = 1;  // of plugin data
constexpr std::uint32_t kDataClass = 4;
constexpr std::int64_t kTensorClass = 2;
}  // namespace metadata
namespace tensor {
constexpr std::uint32_t kType = 1;
constexpr std::uint32_t kShape = 2;
constexpr std::uint32_t kStrings = 8;
constexpr std::int64_t kStringType = 7;
}  // namespace tensor
namespace session_log {
constexpr std::uint32_t kStatus = 1;
constexpr std::int64_t kStart = 1;
}  // namespace session_log

/// The language leaves the conversion of a double beyond float undefined.
float float_of(double value) {
  if (std::isfinite(value) && std::abs(value) > std::numeric_limits<float>::max()) {
    return std::copysign(std::numeric_limits<float>::infinity(), value < 0 ? -1.0F : 1.0F);
  }
  return static_cast<float>(value);
}

ProtoWriter event_at(double wall_time, std::int64_t step) {
  ProtoWriter writer;
  writer.real(event::kWallTime, wall_time);
  if (step != 0) writer.integer(event::kStep, step);  // as other writers: a default is left out
  return writer;
}

std::uint32_t masked_crc(std::string_view bytes) {
  // CRCs of bytes that hold CRCs are weak; so the format stores them turned.
  return std::rotr(io::crc32c(std::as_bytes(std::span(bytes))), 15) + 0xa282ead8U;
}

}  // namespace

std::string version_event(double wall_time) {
  ProtoWriter writer;
  return writer.real(event::kWallTime, wall_time).text(event::kFileVersion, "brain.Event:2").str();
}

std::string start_event(double wall_time, std::int64_t step) {
  ProtoWriter log;
  log.integer(session_log::kStatus, session_log::kStart);
  return event_at(wall_time, step).message(event::kSessionLog, log).str();
}

std::string scalars_event(double wall_time, std::int64_t step, std::span<const NamedValue> values) {
  ProtoWriter all;
  for (const NamedValue& named : values) {
    ProtoWriter one;
    one.text(value::kTag, named.name).real(value::kSimpleValue, float_of(named.value));
    all.message(summary::kValue, one);
  }
  return event_at(wall_time, step).message(event::kSummary, all).str();
}

std::string text_event(double wall_time, std::int64_t step, const std::string& tag,
                       std::string_view markdown) {
  ProtoWriter plugin;
  plugin.text(metadata::kPluginName, "text");
  ProtoWriter about;
  about.message(metadata::kPluginData, plugin).integer(metadata::kDataClass, metadata::kTensorClass);
  ProtoWriter content;
  content.integer(tensor::kType, tensor::kStringType).message(tensor::kShape, {});
  content.text(tensor::kStrings, markdown);
  ProtoWriter one;
  one.text(value::kTag, tag).message(value::kTensor, content).message(value::kMetadata, about);
  ProtoWriter all;
  all.message(summary::kValue, one);
  return event_at(wall_time, step).message(event::kSummary, all).str();
}

std::string framed(std::string_view payload) {
  std::string record;
  record.reserve(payload.size() + 16);
  append_little_endian(record, payload.size(), 8);
  append_little_endian(record, masked_crc(record), 4);
  record += payload;
  append_little_endian(record, masked_crc(payload), 4);
  return record;
}

}  // namespace berta::report
