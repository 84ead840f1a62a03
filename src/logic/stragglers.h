#pragma once
// A list that is kept in order of time by appending alone: what a correction brings stands behind later
// ones. Those are noted here, earliest on top; what became of one since, its owner finds out when its
// time has come. One thread.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace surety::logic {

template <class Time>
class Stragglers {
 public:
  // `number` was appended to the list.
  void appended(Time at, std::uint32_t number) {
    if (at < newest_) {
      late_.emplace_back(at, number);
      std::push_heap(late_.begin(), late_.end(), std::greater<>());
    }
    newest_ = std::max(newest_, at);
  }
  bool empty() const { return late_.empty(); }
  Time first() const { return late_.front().first; }
  std::pair<Time, std::uint32_t> take_first() {
    const auto out = late_.front();
    std::pop_heap(late_.begin(), late_.end(), std::greater<>());
    late_.pop_back();
    return out;
  }
  void clear() { *this = Stragglers(newest_at_first_); }
  explicit Stragglers(Time before_all) : newest_at_first_(before_all), newest_(before_all) {}

 private:
  Time newest_at_first_, newest_;  // nothing on the list is later
  std::vector<std::pair<Time, std::uint32_t>> late_;
};

}  // namespace surety::logic
