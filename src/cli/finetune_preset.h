#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cli/option.h"
#include "train/settings.h"

namespace berta::cli {

/// Which options the user set, on the command line or in the environment.
class GivenOptions {
 public:
  /// Notes every use of these options from now on.
  void watch(std::vector<Option>& options);
  bool contains(const std::string& name) const { return names_->contains(name); }

 private:
  // The options outlive the call that made them, not this object; so they share it.
  std::shared_ptr<std::set<std::string>> names_ = std::make_shared<std::set<std::string>>();
};

/// Sets what the preset says and the user did not. Returns what the user should know. Throws UserError.
std::string apply_preset(const std::string& preset, const GivenOptions& given,
                         train::FinetuneSettings& settings);

}  // namespace berta::cli
