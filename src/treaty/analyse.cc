#include "treaty/treaty.h"
namespace surety::treaty {
std::vector<Diagnostic> analyse(const plan::Agreement&) { return {}; }
}
