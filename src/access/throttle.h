#pragma once
// How long somebody has to wait after so many failures: nothing for the first few, then 1 s, 2 s, 4 s …
// up to a longest wait. Pure.
#include "base/instant.h"

namespace surety::access {

constexpr Span wait_after(std::int64_t failures, std::int64_t free, Span longest) {
  if (failures < free) return {};
  const std::int64_t doublings = failures - free;
  const Span wait = doublings < 30 ? Span::seconds(std::int64_t{1} << doublings) : longest;
  return wait < longest ? wait : longest;
}

}  // namespace surety::access
