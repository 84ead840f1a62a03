#pragma once
// The sweep behind fuse(): which reports are of one happening. Complete linkage: a report joins only
// if it shares the time of every member so far and could be where the first one is, so that a chain of neighbours can never grow into one
// endless incident. Internal to this room.
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "incident/incident.h"

namespace surety::incident {

struct Cluster {
  std::vector<const model::Statement*> members;
  TimeRange core;                        // the time that all members share
  const model::Place* anchor = nullptr;  // place of the first report; every later one could coincide with it
  std::string event;                     // most specific class so far
  model::Exercise exercise = model::Exercise::actual;
  bool wave = false;
};

// Precise enough in time and place for "it could be the same" to mean "it is the same".
bool specific(const model::Statement& s, const Settings& settings);

class Sweep {
 public:
  explicit Sweep(const Settings& settings) : settings_(settings) {}
  // In order of (from, id). Returns the index of the cluster that took it.
  std::size_t add(const model::Statement& s);
  std::vector<Cluster>& clusters() { return clusters_; }

 private:
  using Cell = std::int64_t;
  Cell cell(const model::Place& p, int dlat, int dlon) const;
  bool fits(const Cluster& c, const model::Statement& s) const;
  std::size_t find(const model::Statement& s);
  std::size_t scan(std::vector<std::size_t>& bucket, const model::Statement& s);
  void join(Cluster& c, const model::Statement& s);

  Settings settings_;
  std::vector<Cluster> clusters_;
  // Open clusters by where their anchor lies; those without a narrow place are looked at by all.
  std::unordered_map<Cell, std::vector<std::size_t>> cells_;
  std::vector<std::size_t> wide_;
};

}  // namespace surety::incident
