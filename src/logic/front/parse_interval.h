#pragma once
// The interval of a temporal operator, if one stands here: [0,60] (2,7d] [0,*] [0,14 DAYS IN "Europe/Kyiv"].
// None: [0,*].
#include "logic/front/tokens.h"
#include "plan/interval.h"

namespace surety::logic {

Result<plan::Interval> parse_interval(Tokens& tokens);

}  // namespace surety::logic
