#pragma once
// Small pieces that several bodies share.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_out.h"
#include "serve/views.h"

namespace surety::serve {

// {"kind":…,"exercise":…,"known_at":…,"now":…,"revision":… — the caller goes on and ends the object.
void open(JsonOut& j, std::string_view kind, const engine::World& world, const Frame& frame);
void texts(JsonOut& j, std::string_view name, const std::vector<std::string>& list);
// key + value unless it is empty
void maybe(JsonOut& j, std::string_view name, std::string_view text);
void instant(JsonOut& j, std::string_view name, const std::optional<Instant>& t);

// A page of `total` things: total, offset, limit, next, items; then ends the object.
std::string page(JsonOut j, const Frame& frame, std::size_t total, const std::function<std::string(std::size_t)>& item);

// "within 14 calendar days after the notice", "continuously", "deadline unspecified".
std::string words(const plan::Time& time);
std::string words(const plan::Parameter& parameter);
std::string_view name(plan::Modal modal);
// "support and choose-means", "deploy(UA)"
std::string words(const std::vector<plan::ActionTerm>& actions);
model::Binding binding_of(const plan::Agreement& a, const plan::Clause& c);

}  // namespace surety::serve
