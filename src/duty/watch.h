#pragma once
// A condition as a machine waits for it: evaluated once over the whole trace, then asked many times
// "since I entered at E, when does it next hold?". Internal to the room.
//
// Entering matters twice. "P" alone in a standing condition means P has happened: since the entry.
// "no P for s" counts from the entry as well: the state must itself have lasted s (LANGUAGE.md §7).
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "duty/timeline.h"

namespace surety::duty {

// When a state or a duty began. `used`: the events of that very instant brought it about, and do not
// count again as having happened since.
struct Entry {
  Ticks at = 0;
  bool used = false;
  Ticks since() const { return used ? at + 1 : at; }
};

class Watch {
 public:
  struct Moment {
    Ticks at = 0;     // when it holds from, for the machine
    Ticks shown = 0;  // for people: the end of the window when a window's closing brought it
  };

  // Splits `f` into the parts that depend on the entry and evaluates them. `bearers`: the values that
  // variable b may take; formulas that are not safe with b free are evaluated one bearer at a time.
  static Result<Watch> build(const plan::Formula& f, const std::string& name, const FactBase& facts, Ticks now,
                             const std::vector<std::string>& bearers);

  // The first instant >= t at which it holds for bearer b, having entered at `entry`; nothing: never up to now.
  std::optional<Moment> next(const std::string& b, Entry entry, Ticks t) const;
  bool at(const std::string& b, Entry entry, Ticks t) const;
  // The first instant > t at which it no longer holds; kForever when it stays.
  Ticks end(const std::string& b, Entry entry, Ticks t) const;
  // All maximal intervals from `entry` on.
  std::vector<Held> intervals(const std::string& b, Entry entry) const;

 private:
  enum class Kind { leaf, all, any };
  Kind kind_ = Kind::leaf;
  std::vector<Watch> parts_;
  bool sticky_ = false;                 // has happened, since the entry
  std::optional<plan::Interval> hold_;  // the state must have lasted this window
  bool by_bearer_ = false;
  std::map<std::string, std::vector<Held>> held_;  // by bearer; "" when b is not free

  static Result<Watch> leaf(const plan::Formula& f, const std::string& name, const FactBase& facts, Ticks now,
                            const std::vector<std::string>& bearers);
  std::optional<Moment> next_leaf(const std::string& b, Entry entry, Ticks t) const;
};

// The union of intervals, maximal, in order.
std::vector<Held> merge(std::vector<Held> list);

}  // namespace surety::duty
