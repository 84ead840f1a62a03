#include "logic/monitor_impl.h"

namespace surety::logic {
void Monitor::Impl::correct() { corrections.clear(); }
}  // namespace surety::logic
