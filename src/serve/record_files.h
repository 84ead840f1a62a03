#pragma once
// The record directory, served as it lies: C2SP tlog-tiles paths and nothing else.
#include <string>
#include <string_view>

#include "serve/http.h"

namespace surety::serve {

// True for `checkpoint`, `log.vkey`, `tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]`, where N is
// written as tlog-tiles writes it ("x001/x234/067"). Nothing else is ever opened.
bool is_record_path(std::string_view path);

// Full tiles never change and may be kept by caches for ever; the checkpoint may not.
Response record_file(const std::string& dir, std::string_view path);

}  // namespace surety::serve
