#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "infer/model.h"

namespace berta::tasks {

/// Sessions that wait for the next call: their buffers are already as large as calls need.
class SessionPool {
 public:
  explicit SessionPool(std::shared_ptr<const infer::Model> model) : model_(std::move(model)) {}

  std::unique_ptr<infer::Session> take();
  void give_back(std::unique_ptr<infer::Session> session);

 private:
  std::shared_ptr<const infer::Model> model_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<infer::Session>> idle_;
};

}  // namespace berta::tasks
