#pragma once
// A private key in a file that only its owner can read.
#include <string>

#include "record/note.h"

namespace surety::store {

// Errors store.open-key (others can read it), record.bad-key, file.cannot-read. Shows no key material.
Result<record::SigningKey> read_key_file(const std::string& path);
// 0600 from its first byte on; durable when it returns. Replaces nothing that is there.
Status write_key_file(const std::string& path, const record::SigningKey& key);

}  // namespace surety::store
