#pragma once
// Signatures from text, in the peers' dialect: P(int,string) Q(x:int, y:float) R(), one after the
// other, `(* *)` and `#` comments. Records are not supported and refused by name. Pure.
#include <string>
#include <string_view>

#include "base/error.h"
#include "logic/signature.h"

namespace surety::logic {

Result<Signature> read_signature(std::string_view text, const std::string& file = "signature");

// Reads back to the same signature.
std::string text(const Signature& s);

}  // namespace surety::logic
