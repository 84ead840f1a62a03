#pragma once
// The calls of `surety record …`: names, options, help; and what main.cc's other verbs share with them.
#include <CLI/CLI.hpp>

#include <functional>
#include <string>
#include <vector>

#include "cli/record.h"

namespace surety::cli {

// A command with its example under --help.
CLI::App* verb(CLI::App& parent, const char* name, const char* what, const char* example);
void feed_options(CLI::App* sub, std::string& settings_file, std::vector<std::string>& sets);

// Everything outlives the parse. `command` receives the chosen one, `sets` the feed settings given one by one.
void record_verbs(CLI::App& app, RecordArgs& args, std::vector<std::string>& sets, std::function<int()>& command);

}  // namespace surety::cli
